import CLinux
import GeneratorCore
import Glibc
import Netlink
import SystemCalls
import Testing

@testable import Stage

/// What the rules inside do to packets, between two namespaces with a pair for the tunnel and
/// another in the place of WireGuard.
@Suite(.enabled(if: StageSandbox.isPossible, StageSandbox.reason))
struct FilterKernelTests {
  /// The last byte of an address is 1 on the host, 2 inside.
  private static func connect(_ sandbox: StageSandbox) throws {
    var executor = try sandbox.executor()
    var operations: [KernelOperation] = []
    for (host, inside, networks) in [
      ("far", "wg-work", ["10.64.0", "fd64::"]),
      ("veth-work0", "veth-work1", ["10.127.0", "fd99::"]),
    ] {
      operations.append(.createVeth(host: host, inside: inside))
      for network in networks {
        let (start, length) = network.hasSuffix(":") ? (network, 64) : (network + ".", 24)
        operations += [
          .addAddress(try prefix("\(start)1/\(length)"), interface: host, .host),
          .addAddress(try prefix("\(start)2/\(length)"), interface: inside, .inside),
        ]
      }
      operations += [.bringUp(interface: host, .host), .bringUp(interface: inside, .inside)]
    }
    for everything in ["0.0.0.0/0", "::/0"] {
      operations.append(.addRoute(try prefix(everything), interface: "wg-work", table: nil))
    }
    try executor.perform(operations) { _ in }
  }

  private static func inside(_ sandbox: StageSandbox, _ body: () throws -> Void) throws {
    var failure: (any Error)?
    try NetworkNamespace(path: sandbox.namespace.path).perform { () throws(StageError) in
      do { try body() } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private static let servers = ["10.64.0.1", "fd64::1"]
  /// What no rule is against.
  private static let free: [(String, UInt16)] = [
    ("10.64.0.1", 53), ("fd64::1", 53), ("10.64.0.1", 853), ("203.0.113.7", 80),
    ("2001:db8::7", 443), ("10.64.0.9", 54), ("127.0.0.1", 53), ("::1", 5353),
  ]
  private static let forbidden: [(String, UInt16)] = [
    // Name queries to others than the configured servers.
    ("10.64.0.9", 53), ("203.0.113.7", 53), ("2001:db8::7", 53), ("203.0.113.7", 853),
    ("fd64::9", 853),
    // Whoever is near.
    ("224.0.0.251", 5353), ("10.64.0.1", 5353), ("fd64::1", 5355), ("2001:db8::7", 5355),
    // The host.
    ("10.127.0.1", 80), ("10.127.0.1", 53), ("fd99::1", 80), ("10.127.0.9", 80),
  ]

  private static func load(_ servers: [String]) throws {
    let instance = try instance(
      "WIREGUARD_IP_ADDRESSES=10.64.0.2/24,fd64::2/64\nTUNNEL_VPN_NAME=veth-work1")
    try namespaceTable(
      interface: instance.wireGuard.interfaceName,
      servers: try servers.map { try #require(IPAddress($0)) }
    ).load()
  }

  @Test func onlyWireGuardAndTheServersAreLeft() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        try FilterKernelTests.connect(sandbox)
        try FilterKernelTests.inside(sandbox) {
          let loopback = try KernelExecutor(namespace: try .current())
          let index = try loopback.index("lo", .inside)
          try NetlinkSocket(.route).request(LinkMessage.set(index: index, up: true))
          let (free, forbidden) = (FilterKernelTests.free, FilterKernelTests.forbidden)
          for (address, port) in free + forbidden {
            #expect(try PacketProbe.maySend(to: address, port), "\(address) \(port)")
          }
          try FilterKernelTests.load(FilterKernelTests.servers)
          for (address, port) in free {
            #expect(try PacketProbe.maySend(to: address, port), "\(address) \(port)")
          }
          for (address, port) in forbidden {
            #expect(try !PacketProbe.maySend(to: address, port), "\(address) \(port)")
          }
          // Without servers anybody may be asked, by WireGuard.
          try FilterKernelTests.load([])
          #expect(try PacketProbe.maySend(to: "203.0.113.7", 53))
          #expect(try !PacketProbe.maySend(to: "203.0.113.7", 5353))
          #expect(try !PacketProbe.maySend(to: "10.127.0.1", 53))
        }
      }
    }
  }

  @Test func theHostIsAnsweredAndNotCalled() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        try FilterKernelTests.connect(sandbox)
        let home = try NetworkNamespace.current()
        for (host, inner) in [("10.127.0.1", "10.127.0.2"), ("fd99::1", "fd99::2")] {
          let outside = try PacketProbe.listening(on: host, 80)
          try FilterKernelTests.inside(sandbox) {
            let service = try PacketProbe.listening(on: inner, 80)
            #expect(try PacketProbe.mayConnect(to: host, 80))
            try FilterKernelTests.load([])
            #expect(try !PacketProbe.mayConnect(to: host, 80, within: 1))
            try home.perform { () throws(StageError) in
              #expect((try? PacketProbe.mayConnect(to: inner, 80)) == true)
            }
            try FilterTable.remove("namespaced-wireguard-vpn")
            _ = service.rawValue
          }
          _ = outside.rawValue
        }
      }
    }
  }
}
