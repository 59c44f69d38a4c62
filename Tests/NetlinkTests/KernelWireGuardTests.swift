import CLinux
import Glibc
import Netlink
import SystemCalls
import Testing

/// WireGuard in the kernel, each test in namespaces of its own.
@Suite(
  .enabled(if: KernelSupport.canUnshare, KernelSupport.unshareReason),
  .enabled(if: KernelSupport.hasWireGuard, KernelSupport.wireGuardReason))
struct KernelWireGuardTests {
  @Test func anInterfaceIsBornInTheOtherNamespace() async {
    await #expect(processExitsWith: .success) {
      withTwoNamespaces { namespaces in
        let create = try LinkMessage.createWireGuard(
          name: "wg0", mtu: 1400, namespace: namespaces.thereDescriptor.rawValue)
        try namespaces.here.request(create)
        let link = try #require(try namespaces.there.link(named: "wg0"))
        #expect(link.kind == "wireguard" && link.mtu == 1400 && !link.isUp)
        let here = try namespaces.here.links()
        #expect(here.map(\.name) == ["lo"])
        let taken = #expect(throws: NetlinkError.self) { try namespaces.here.request(create) }
        #expect(taken?.number == EEXIST)
      }
    }
  }

  @Test func itsSocketIsInTheNamespaceOfTheRequest() async {
    await #expect(processExitsWith: .success) {
      withTwoNamespaces { namespaces in
        try namespaces.here.request(
          LinkMessage.createWireGuard(
            name: "wg0", namespace: namespaces.thereDescriptor.rawValue))
        let family = try GenericFamily.resolve(
          WireGuardMessage.familyName, over: namespaces.genericThere)
        try namespaces.genericThere.configureWireGuard(
          .init(interface: .name("wg0"), privateKey: key(0x58), listenPort: 51820),
          family: #require(family))
        let index = try #require(try namespaces.there.link(named: "wg0")).index
        try namespaces.there.request(LinkMessage.set(index: index, up: true))
        #expect(try udpPorts() == [51820])
        #expect(clinux_setns(namespaces.thereDescriptor.rawValue, Int32(CLONE_NEWNET)) == 0)
        #expect(try udpPorts().isEmpty)
      }
    }
  }

  @Test func aConfigurationIsReadBack() async {
    await #expect(processExitsWith: .success) {
      withWireGuard { socket, family in
        var configuration = WireGuardConfiguration(
          interface: .name("wg0"), privateKey: key(0x58), listenPort: 51820,
          fwMark: 0xca6c, replacePeers: true, peers: try manyPeers(2))
        configuration.peers[1].endpoint = SocketAddress(try address("2001:db8::1"), port: 443)
        try socket.configureWireGuard(configuration, family: family)
        let device = try socket.wireGuardDevice(.name("wg0"), family: family)
        #expect(device.name == "wg0" && device.publicKey == publicKey)
        #expect(device.listenPort == 51820 && device.fwMark == 0xca6c)
        #expect(device.peers.map(\.publicKey) == configuration.peers.map(\.publicKey))
        #expect(device.peers.map(\.endpoint) == configuration.peers.map(\.endpoint))
        #expect(device.peers.map(\.persistentKeepalive) == [25, 0])
        #expect(device.peers.map(\.hasPresharedKey) == [true, false])
        #expect(device.peers.allSatisfy { $0.lastHandshake == nil && $0.receivedBytes == 0 })
        #expect(
          device.peers.map { Set($0.allowedIPs) } == configuration.peers.map { Set($0.allowedIPs) })
      }
    }
  }

  @Test func severalMessagesMakeOneConfiguration() async {
    await #expect(processExitsWith: .success) {
      withWireGuard { socket, family in
        var peers = try manyPeers(300)
        peers[150].allowedIPs = try manyPrefixes(6000).suffix(5000)
        let configuration = WireGuardConfiguration(
          interface: .name("wg0"), replacePeers: true, peers: peers)
        // Twice: the second time there is something to replace.
        for _ in 0..<2 {
          try socket.configureWireGuard(configuration, family: family)
          let device = try socket.wireGuardDevice(.name("wg0"), family: family)
          #expect(device.peers.map(\.publicKey) == peers.map(\.publicKey))
          let isEqual = zip(device.peers, peers).allSatisfy {
            Set($0.allowedIPs) == Set($1.allowedIPs)
          }
          #expect(isEqual)
        }
      }
    }
  }

  @Test func peersAreChangedOneByOne() async {
    await #expect(processExitsWith: .success) {
      withWireGuard { socket, family in
        let all = try prefix("0.0.0.0/0")
        var configuration = WireGuardConfiguration(
          interface: .name("wg0"),
          peers: [
            .init(publicKey: key(1), presharedKey: key(9), allowedIPs: [all]),
            .init(publicKey: key(2), persistentKeepalive: 25),
          ])
        try socket.configureWireGuard(configuration, family: family)
        configuration.peers = [
          .init(publicKey: key(1), presharedKey: key(0), replaceAllowedIPs: true),
          .init(publicKey: key(2), remove: true), .init(publicKey: key(3), updateOnly: true),
        ]
        try socket.configureWireGuard(configuration, family: family)
        let device = try socket.wireGuardDevice(.name("wg0"), family: family)
        #expect(device.peers.map(\.publicKey) == [key(1)])
        #expect(device.peers.first?.allowedIPs == [])
        #expect(device.peers.first?.hasPresharedKey == false)
      }
    }
  }

  @Test func anotherKindOfInterfaceIsRefused() async {
    await #expect(processExitsWith: .success) {
      withWireGuard { socket, family in
        let none = #expect(throws: NetlinkError.self) {
          try socket.wireGuardDevice(.name("none"), family: family)
        }
        #expect(none?.number == ENODEV)
        let loopback = #expect(throws: NetlinkError.self) {
          try socket.wireGuardDevice(.index(1), family: family)
        }
        #expect(loopback?.number == EOPNOTSUPP)
      }
    }
  }
}

/// What `wg pubkey` answers for 32 times 0x58, which clamping leaves as it is.
private let publicKey = wire("4c851fc5046a9493c0698d9ab7da0376bbb9deb6dbfcedc4dc887b5ffa279a6b")

/// The ports of UDP sockets over IPv4 in the thread's namespace; see proc_pid_net(5).
private func udpPorts() throws -> [UInt16] {
  let bytes = try readFile("/proc/thread-self/net/udp", limit: 1 << 16)
  // "  sl  local_address ...", then "  42: 00000000:CA6C ...".
  return String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst().compactMap {
    $0.split(separator: " ").dropFirst().first.flatMap { UInt16($0.suffix(4), radix: 16) }
  }
}

/// Runs `body` with `wg0` in another namespace than the thread's, and a socket there.
private func withWireGuard(
  _ body: (borrowing NetlinkSocket, GenericFamily) throws -> Void
) {
  withTwoNamespaces { namespaces in
    try namespaces.here.request(
      LinkMessage.createWireGuard(
        name: "wg0", namespace: namespaces.thereDescriptor.rawValue))
    let family = try GenericFamily.resolve(
      WireGuardMessage.familyName, over: namespaces.genericThere)
    try body(namespaces.genericThere, #require(family))
  }
}
