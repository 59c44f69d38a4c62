import GeneratorCore
import Netlink
import SystemCalls
import Testing

@testable import Stage

/// An instance as operations: what is asked of the kernel, and in which order.
@Suite struct StagePlannerTests {
  private func facts(mtu: UInt32 = 1420) throws -> WireGuardFacts {
    let address = try #require(IPAddress("192.0.2.1"))
    return WireGuardFacts(
      privateKey: try WireGuardKey(base64: privateKeyText),
      endpoints: [SocketAddress(address, port: 51820)], mtu: mtu)
  }

  @Test func wireGuardIsConfiguredBeforeItIsUpAndRoutedAfter() throws {
    let operations = StagePlanner(try instance()).planWireGuard(try facts())
    let endpoint: SocketAddress = try #require(facts().endpoints[0])
    let configuration = WireGuardConfiguration(
      interface: .name("wg-work"), privateKey: try WireGuardKey(base64: privateKeyText).bytes,
      replacePeers: true,
      peers: [
        .init(
          publicKey: try WireGuardKey(base64: publicKeyText).bytes,
          endpoint: endpoint, persistentKeepalive: 0,
          allowedIPs: [try prefix("0.0.0.0/0"), try prefix("::/0")], replaceAllowedIPs: true)
      ])
    #expect(
      operations == [
        .createWireGuard(name: "wg-work", mtu: 1420),
        .mark(interface: "wg-work", .inside, alias: "namespaced-wireguard-vpn work"),
        .configureWireGuard(configuration),
        .addAddress(try prefix("10.64.0.2/32"), interface: "wg-work", .inside),
        .addAddress(try prefix("fd64::2/128"), interface: "wg-work", .inside),
        .bringUp(interface: "wg-work", .inside),
        .addRoute(try prefix("0.0.0.0/0"), interface: "wg-work", table: nil),
        .addRoute(try prefix("::/0"), interface: "wg-work", table: nil),
      ])
  }

  @Test(arguments: [
    // Addresses, allowed IPs, routes.
    ("10.64.0.2/32", "0.0.0.0/0,::0/0", ["0.0.0.0/0"]),
    ("fd64::2/128", "0.0.0.0/0,::0/0", ["::/0"]),
    ("10.64.0.2/32,fd64::2/128", "10.0.0.0/8,fd00::/8", ["10.0.0.0/8", "fd00::/8"]),
    // The kernel makes the route of an address's own network by itself.
    ("10.64.0.2/24", "10.64.0.0/24,10.65.0.0/16", ["10.65.0.0/16"]),
    ("10.64.0.2/32", "10.64.0.2/32", ["10.64.0.2/32"]),
    ("10.64.0.2/32", "10.1.2.3/8,10.0.0.0/8", ["10.0.0.0/8"]),
    ("10.64.0.2/32", "", []),
  ])
  func routesFollowFromAllowedIPs(
    addresses: String, allowed: String, expected: [String]
  ) throws {
    let instance = try instance(
      "WIREGUARD_IP_ADDRESSES=\(addresses)\nWIREGUARD_ALLOWED_IPS=\(allowed)",
      // Host bits are dropped, and that is said.
      warnings: allowed.contains("10.1.2.3/8") ? 1 : 0)
    #expect(StagePlanner(instance).routes.map(\.description) == expected)
  }

  /// Comparing each with each would take minutes.
  @Test(.timeLimit(.minutes(1))) func tensOfThousandsOfRoutes() throws {
    let allowed = (0..<50_000).map { "10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255)/32" }
    let instance = try instance(
      "WIREGUARD_IP_ADDRESSES=10.64.0.2/32\n"
        + "WIREGUARD_ALLOWED_IPS=\((allowed + allowed).joined(separator: ","))")
    #expect(StagePlanner(instance).routes.map(\.description) == allowed)
  }

  @Test func everySettingOfThePeerArrives() throws {
    let instance = try instance(
      """
      WIREGUARD_IP_ADDRESSES=10.64.0.2/32
      WIREGUARD_VPN_PPRESHARED_KEY=\(presharedKeyText)
      WIREGUARD_PERSISTENT_KEEPALIVE=25
      WIREGUARD_LISTEN_PORT=51999
      WIREGUARD_FWMARK=0x20
      WIREGUARD_ALLOWED_IPS=10.64.0.0/16
      """)
    let configuration = StagePlanner(instance).planWireGuard(try facts()).compactMap {
      if case .configureWireGuard(let configuration) = $0 { configuration } else { nil }
    }.first
    let peer = try #require(configuration?.peers.first)
    #expect(configuration?.listenPort == 51999)
    #expect(configuration?.fwMark == 32)
    #expect(peer.presharedKey == (try WireGuardKey(base64: presharedKeyText)).bytes)
    #expect(peer.persistentKeepalive == 25)
    #expect(peer.allowedIPs == [try prefix("10.64.0.0/16")])
  }

  @Test func aTunnelHasItsAddressesBeforeItIsUp() throws {
    let instance = try instance()
    let tunnel = try #require(instance.tunnel)
    let addresses = try #require(TunnelAddresses(subnet: try prefix("10.127.4.8/30")))
    let mark = "namespaced-wireguard-vpn work"
    #expect(
      StagePlanner(instance).planTunnel(tunnel, addresses) == [
        .createVeth(host: "veth-work0", inside: "veth-work1"),
        .mark(interface: "veth-work0", .host, alias: mark),
        .mark(interface: "veth-work1", .inside, alias: mark),
        .addAddress(try prefix("10.127.4.9/30"), interface: "veth-work0", .host),
        .addAddress(try prefix("10.127.4.10/30"), interface: "veth-work1", .inside),
        .bringUp(interface: "veth-work0", .host),
        .bringUp(interface: "veth-work1", .inside),
      ])
  }

  /// The interfaces that packets come in by are opened when the rules are there that say for what.
  @Test func forwardsComeBeforeTheTunnelIsUp() throws {
    let instance = try instance()
    let tunnel = try #require(instance.tunnel)
    let addresses = try #require(TunnelAddresses(subnet: try prefix("10.127.4.8/30")))
    let forwarding: [KernelOperation] = [
      .loadTable(.host, FilterTable(name: "a", rules: "")), .forward(interface: "eth0", user: "u"),
    ]
    let operations = StagePlanner(instance).planTunnel(
      tunnel, addresses, forwarding: forwarding)
    #expect(operations.filter { !forwarding.contains($0) }.count == 7)
    #expect(
      operations.suffix(4)
        == forwarding + [
          .bringUp(interface: "veth-work0", .host), .bringUp(interface: "veth-work1", .inside),
        ])
  }

  /// Whatever makes an object says so before, or a crash in between could not be undone.
  @Test func whatMakesAnObjectAnnouncesIt() {
    #expect(
      KernelOperation.createWireGuard(name: "wg0", mtu: 1420).creations
        == [.link(.inside, name: "wg0", index: nil)])
    #expect(
      KernelOperation.createVeth(host: "h", inside: "i").creations
        == [.link(.host, name: "h", index: nil)])
    let table = FilterTable(name: "t", rules: "")
    #expect(KernelOperation.loadTable(.host, table).creations == [.filterTable("t")])
    #expect(KernelOperation.makeDirectory(path: "/d").creations == [.directory(path: "/d")])
    #expect(
      KernelOperation.writeFile(path: "/f", text: "x").creations == [.file(path: "/f")])
    #expect(
      KernelOperation.forward(interface: "eth0", user: "/u").creations
        == [.forwarding(interface: "eth0", user: "/u")])
    // What is inside goes with the namespace.
    for operation in [
      KernelOperation.bringUp(interface: "lo", .inside), .loadTable(.inside, table),
      .addUnreachableDefault(.ipv4), .writeSetting(path: "/proc/sys/x", value: "1"),
    ] { #expect(operation.creations == []) }
  }
}
