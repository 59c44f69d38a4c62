import GeneratorCore
import Netlink
import SystemCalls
import Testing

@testable import Stage

/// What a reload asks of the kernel, and in which order.
@Suite struct InterfaceDifferenceTests {
  private func peer(_ byte: UInt8, allowed: [String] = ["0.0.0.0/0"]) throws -> WireGuardDevice.Peer
  {
    .init(
      publicKey: key(byte), presharedKey: key(9), endpoint: try endpoint("192.0.2.1"),
      persistentKeepalive: 25, allowedIPs: try allowed.map(prefix))
  }

  private func present(
    mtu: UInt32 = 1420, isUp: Bool = true, addresses: [String] = ["10.64.0.2/32"],
    routes: [String] = ["0.0.0.0/0"], peers: [WireGuardDevice.Peer]
  ) throws -> PresentInterface {
    PresentInterface(
      isUp: isUp, mtu: mtu, addresses: try addresses.map(prefix),
      routes: try routes.map { TableRoute(destination: try prefix($0), table: 254) },
      device: WireGuardDevice(
        index: 1, name: "wg0", publicKey: curve25519PublicKey(of: key(0x58)), listenPort: 51820,
        fwMark: 0, peers: peers))
  }

  /// What the file says when it says what there is.
  private func same(_ present: PresentInterface) -> WantedInterface {
    WantedInterface(
      name: "wg0", mtu: present.mtu, addresses: present.addresses, routes: present.routes,
      configuration: WireGuardConfiguration(
        interface: .name("wg0"), privateKey: key(0x58), replacePeers: true,
        peers: present.device.peers.map {
          .init(
            publicKey: $0.publicKey, presharedKey: $0.presharedKey, endpoint: $0.endpoint,
            persistentKeepalive: $0.persistentKeepalive, allowedIPs: $0.allowedIPs.reversed(),
            replaceAllowedIPs: true)
        }))
  }

  private func difference(
    _ present: PresentInterface, change: (inout WireGuardConfiguration) throws -> Void
  ) rethrows -> InterfaceDifference {
    let wanted = same(present)
    var configuration = wanted.configuration
    try change(&configuration)
    return InterfaceDifference(
      from: present,
      to: WantedInterface(
        name: wanted.name, mtu: wanted.mtu, addresses: wanted.addresses, routes: wanted.routes,
        configuration: configuration))
  }

  @Test func nothingIsAskedWhenNothingChanges() throws {
    let present = try present(peers: [try peer(1, allowed: ["0.0.0.0/0", "::/0"]), try peer(2)])
    let difference = InterfaceDifference(from: present, to: same(present))
    #expect(difference.operations == [])
    #expect(difference.changes == [])
  }

  @Test func onlyWhatChangesOfAPeerIsSent() throws {
    typealias Peer = WireGuardConfiguration.Peer
    let present = try present(peers: [try peer(1, allowed: ["10.0.0.0/8", "10.1.0.0/16"])])
    let rows: [(change: (inout Peer) throws -> Void, sent: Peer, words: String)] = [
      (
        { $0.presharedKey = key(8) },
        Peer(publicKey: key(1), presharedKey: key(8), updateOnly: true),
        "preshared key"
      ),
      (
        { $0.presharedKey = nil }, Peer(publicKey: key(1), presharedKey: key(0), updateOnly: true),
        "preshared key"
      ),
      (
        { $0.persistentKeepalive = 0 },
        Peer(publicKey: key(1), persistentKeepalive: 0, updateOnly: true), "keepalive 25→0 s"
      ),
      (
        { $0.endpoint = try endpoint("2001:db8::1") },
        Peer(publicKey: key(1), endpoint: try endpoint("2001:db8::1"), updateOnly: true),
        "endpoint 192.0.2.1:51820→[2001:db8::1]:51820"
      ),
      // More is added; all are replaced only when there is less, for that is a moment without any.
      (
        { $0.allowedIPs.append(try prefix("::/0")) },
        Peer(publicKey: key(1), allowedIPs: [try prefix("::/0")], updateOnly: true),
        "allowed addresses +::/0"
      ),
      (
        { $0.allowedIPs = [try prefix("10.0.0.0/8")] },
        Peer(
          publicKey: key(1), allowedIPs: [try prefix("10.0.0.0/8")], replaceAllowedIPs: true,
          updateOnly: true),
        "allowed addresses −10.1.0.0/16"
      ),
    ]
    for row in rows {
      let difference = try difference(present) { try row.change(&$0.peers[0]) }
      let sent = WireGuardConfiguration(interface: .name("wg0"), peers: [row.sent])
      #expect(difference.operations == [.configureWireGuard(sent)])
      #expect(difference.changes == ["1 peer changed (\(row.words))"])
    }
  }

  /// The file has nothing to say about where a peer is: then that is left alone.
  @Test func anEndpointCannotBeTakenAway() throws {
    let present = try present(peers: [try peer(1)])
    let difference = difference(present) { $0.peers[0].endpoint = nil }
    #expect(difference.operations == [])
  }

  @Test func peersComeBeforeOthersGo() throws {
    let difference = try difference(try present(peers: [try peer(1), try peer(2), try peer(3)])) {
      $0.peers.removeFirst()
      $0.peers[0].persistentKeepalive = 7
      $0.peers[1].persistentKeepalive = 7
      $0.peers[1].presharedKey = nil
      $0.peers.append(.init(publicKey: key(4), allowedIPs: [try prefix("0.0.0.0/0")]))
    }
    #expect(
      difference.operations == [
        .configureWireGuard(
          WireGuardConfiguration(
            interface: .name("wg0"),
            peers: [
              .init(publicKey: key(2), persistentKeepalive: 7, updateOnly: true),
              .init(
                publicKey: key(3), presharedKey: key(0), persistentKeepalive: 7, updateOnly: true),
              .init(publicKey: key(4), allowedIPs: [try prefix("0.0.0.0/0")]),
              .init(publicKey: key(1), remove: true),
            ]))
      ])
    #expect(
      difference.changes
        == ["1 peer added", "1 peer removed", "2 peers changed (keepalive, preshared key)"])
  }

  @Test func theInterfacesOwnSettings() throws {
    let present = try present(peers: [])
    let changed = difference(present) {
      $0.privateKey = key(0x59)
      $0.listenPort = 51999
      $0.fwMark = 0x20
    }
    #expect(
      changed.operations == [
        .configureWireGuard(
          WireGuardConfiguration(
            interface: .name("wg0"), privateKey: key(0x59), listenPort: 51999, fwMark: 0x20))
      ])
    #expect(
      changed.changes == [
        "private key, so a new handshake follows", "listen port 51820→51999", "mark 0x0→0x20",
      ])
    // A key that cannot be read now, and any port: what there is does.
    let kept = difference(present) {
      $0.privateKey = nil
      $0.listenPort = nil
    }
    #expect(kept.operations == [])
  }

  @Test func newAddressesAndRoutesComeBeforeOldOnesGo() throws {
    let present = try present(
      addresses: ["10.64.0.2/32", "fd64::2/128"], routes: ["0.0.0.0/0"], peers: [])
    let difference = InterfaceDifference(
      from: present,
      to: WantedInterface(
        name: "wg0", mtu: 1280, addresses: try ["10.64.0.3/32", "fd64::2/64"].map(prefix),
        routes: [TableRoute(destination: try prefix("10.0.0.0/8"), table: 51)],
        configuration: same(present).configuration))
    #expect(
      difference.operations == [
        .removeAddress(try prefix("fd64::2/128"), interface: "wg0"),
        .addAddress(try prefix("10.64.0.3/32"), interface: "wg0", .inside),
        .addAddress(try prefix("fd64::2/64"), interface: "wg0", .inside),
        .addRoute(try prefix("10.0.0.0/8"), interface: "wg0", table: 51),
        .removeRoute(try prefix("0.0.0.0/0"), interface: "wg0", table: nil),
        .removeAddress(try prefix("10.64.0.2/32"), interface: "wg0"),
        .setMTU(1280, interface: "wg0"),
      ])
    #expect(
      difference.changes == [
        "MTU 1420→1280", "address +10.64.0.3/32 +fd64::2/64 −10.64.0.2/32 −fd64::2/128",
        "route +10.0.0.0/8 table 51 −0.0.0.0/0",
      ])
  }

  @Test func theFirstIPv6AddressNeedsIPv6AndRoom() throws {
    let present = try present(mtu: 1000, isUp: false, peers: [])
    let wanted = same(present)
    let difference = InterfaceDifference(
      from: present,
      to: WantedInterface(
        name: "wg0", mtu: 1420, addresses: wanted.addresses + [try prefix("fd64::2/128")],
        routes: wanted.routes, configuration: wanted.configuration))
    #expect(
      difference.operations == [
        .writeSetting(path: "/proc/sys/net/ipv6/conf/default/disable_ipv6", value: "0", .inside),
        .writeSetting(path: "/proc/sys/net/ipv6/conf/all/disable_ipv6", value: "0", .inside),
        .addUnreachableDefault(.ipv6),
        .setMTU(1420, interface: "wg0"),
        .addAddress(try prefix("fd64::2/128"), interface: "wg0", .inside),
        .bringUp(interface: "wg0", .inside),
      ])
    #expect(
      difference.changes
        == ["the interface is up again", "MTU 1000→1420", "address +fd64::2/128"])
  }

  @Test func manyItemsAreCounted() throws {
    let present = try present(addresses: [], peers: [])
    let many = try (1...11).map { try prefix("10.64.0.\($0)/32") }
    let list = ListDifference(from: present.addresses, to: many)
    #expect(list.words?.hasSuffix("+10.64.0.8/32 and 3 more") == true)
  }

  /// Neither a plan nor its words show a key.
  @Test func secretsAreNotPrinted() throws {
    let present = try present(peers: [try peer(1)])
    var printed = ""
    dump(present, to: &printed)
    let changed = difference(present) { $0.peers[0].presharedKey = key(8) }
    dump(changed, to: &printed)
    #expect(printed.contains("hasPresharedKey"))
    #expect(!printed.contains("presharedKey: "))
  }
}

private func key(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

private func endpoint(_ text: String) throws -> SocketAddress {
  SocketAddress(try #require(IPAddress(text)), port: 51820)
}
