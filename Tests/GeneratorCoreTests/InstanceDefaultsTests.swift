import SystemCalls
import Testing

@testable import GeneratorCore

/// What a file leaves out, and what becomes of what it says.
@Suite struct InstanceDefaultsTests {
  @Test func everythingLeftOut() throws {
    let instance = try #require(try load(minimalConfig).instance)
    let wireGuard = instance.wireGuard
    #expect(instance.namespaceName == "work" && !instance.autostart)
    #expect(wireGuard.interfaceName == "wg-work" && wireGuard.mtu == nil)
    #expect(wireGuard.listenPort == nil && wireGuard.fwMark == nil)
    #expect(wireGuard.userspaceProgram == "wireguard-go")
    #expect(wireGuard.has(.ipv4) && !wireGuard.has(.ipv6))
    let peer = try #require(wireGuard.peers.first)
    #expect(peer.presharedKey == nil && peer.persistentKeepalive == 0)
    #expect(peer.allowedIPs.map(\.description) == ["0.0.0.0/0", "::/0"])
    let tunnel = try #require(instance.tunnel)
    #expect(tunnel.hostInterface == "veth-work0" && tunnel.namespaceInterface == "veth-work1")
    #expect(tunnel.addresses == nil)
  }

  /// A tunnel is there unless switched off: the original skipped it when the key was missing.
  @Test(arguments: [("", true), ("TUNNEL_ENABLE=1\n", true), ("TUNNEL_ENABLE=0\n", false)])
  func tunnel(line: String, isThere: Bool) throws {
    let instance = try #require(try load(minimalConfig + line).instance)
    #expect((instance.tunnel != nil) == isThere)
  }

  /// Fifteen bytes are the most that an interface name has.
  @Test(arguments: [
    ("123456789", "veth-1234567890", "wg-123456789"), ("1234567890", nil, "wg-1234567890"),
    ("123456789012", nil, "wg-123456789012"), ("1234567890123", nil, nil),
  ])
  func interfaceNamesFit(name: String, host: String?, wireGuard: String?) throws {
    let instance = try #require(try load(minimalConfig, name: name).instance)
    let tunnel = try #require(instance.tunnel)
    let names = [
      tunnel.hostInterface, tunnel.namespaceInterface, instance.wireGuard.interfaceName,
    ]
    #expect(names.allSatisfy { (1...15).contains($0.utf8.count) } && Set(names).count == 3)
    if let host { #expect(tunnel.hostInterface == host) }
    if let wireGuard { #expect(instance.wireGuard.interfaceName == wireGuard) }
    #expect((tunnel.hostInterface.contains(name)) == (host != nil))
    #expect((instance.wireGuard.interfaceName.contains(name)) == (wireGuard != nil))
  }

  /// The hash is part of interfaces' names: it must be the same in every release.
  @Test func hashIsPinned() {
    #expect(stableHash("") == 0x811c_9dc5)
    #expect(stableHash("a") == 0xe40c_292c)
    #expect(stableHash("foobar") == 0xbf9c_f968)
  }

  @Test func longNamesThatDifferAtTheEndDiffer() throws {
    let names = try (0..<500).map { number in
      try load(minimalConfig, name: "a-long-provider-name-\(number)").instance?.tunnel?
        .hostInterface
    }
    #expect(Set(names).count == 500 && !names.contains(nil))
  }

  @Test(arguments: [(0o600, 0), (0o400, 0), (0o640, 1), (0o604, 1), (0o644, 1), (0o700, 0)])
  func readableByOthers(permissions: UInt32, warnings: Int) throws {
    let loaded = try load(minimalConfig, permissions: permissions)
    #expect(loaded.instance != nil)
    #expect(loaded.diagnostics.count == warnings && loaded.diagnostics.allSatisfy { !$0.isError })
  }

  @Test func lastOfRepeatedKeysCounts() throws {
    let loaded = try load(minimalConfig + "NETNS_NAME=a\nNETNS_NAME=b\n")
    #expect(loaded.instance?.namespaceName == "b")
    #expect(
      loaded.diagnostics.map(\.line) == [
        "warning: /c/work.conf:6:1: NETNS_NAME= was set before, in line 5; this later value counts"
      ])
  }
}
