import Netlink
import SystemCalls
import Testing

@Suite struct WireGuardMessageTests {
  private let family = GenericFamily(name: "wireguard", id: 29)

  // `wg set wg0 private-key F listen-port 51820 fwmark 0xca6c` and a peer with all it can have.
  @Test func setEverything() throws {
    let configuration = WireGuardConfiguration(
      interface: .name("wg0"), privateKey: key(0x77), listenPort: 51820, fwMark: 0xca6c,
      replacePeers: true,
      peers: [
        .init(
          publicKey: key(0xaa), presharedKey: key(0x99),
          endpoint: SocketAddress(try address("192.0.2.7"), port: 51820),
          persistentKeepalive: 25, allowedIPs: [try prefix("0.0.0.0/0"), try prefix("::/0")],
          replaceAllowedIPs: true)
      ])
    let messages = try WireGuardMessage.set(configuration, family: family)
    #expect(
      messages.map { $0.bytes(sequence: 1, adding: [.request, .acknowledge]) } == [everything])
  }

  private let everything =
    wire(
      """
      14 01 00 00 1d 00 05 00 01 00 00 00 00 00 00 00
      01 01 00 00                          # WG_CMD_SET_DEVICE, version 1
      08 00 02 00 77 67 30 00              # WGDEVICE_A_IFNAME "wg0"
      08 00 05 00 01 00 00 00              # WGDEVICE_A_FLAGS REPLACE_PEERS
      24 00 03 00
      """) + key(0x77)  // WGDEVICE_A_PRIVATE_KEY
    + wire(
      """
      06 00 06 00 6c ca 00 00              # WGDEVICE_A_LISTEN_PORT
      08 00 07 00 6c ca 00 00              # WGDEVICE_A_FWMARK
      bc 00 08 80                          # WGDEVICE_A_PEERS
      b8 00 00 80                          # the peer
      24 00 01 00
      """) + key(0xaa)  // WGPEER_A_PUBLIC_KEY
    + wire("08 00 03 00 02 00 00 00")  // WGPEER_A_FLAGS REPLACE_ALLOWEDIPS
    + [0x24, 0, 2, 0] + key(0x99)  // WGPEER_A_PRESHARED_KEY
    + wire(
      """
      14 00 04 00 02 00 ca 6c c0 00 02 07 00 00 00 00 00 00 00 00  # WGPEER_A_ENDPOINT
      06 00 05 00 19 00 00 00              # PERSISTENT_KEEPALIVE_INTERVAL 25
      48 00 09 80                          # WGPEER_A_ALLOWEDIPS
        1c 00 00 80
          06 00 01 00 02 00 00 00          # WGALLOWEDIP_A_FAMILY AF_INET
          08 00 02 00 00 00 00 00          # WGALLOWEDIP_A_IPADDR
          05 00 03 00 00 00 00 00          # WGALLOWEDIP_A_CIDR_MASK
        28 00 00 80
          06 00 01 00 0a 00 00 00          # AF_INET6
          14 00 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
          05 00 03 00 00 00 00 00
      """)

  // `wg set wg0 peer KEY endpoint [2001:db8::1]:443`
  @Test func setLeavesOutWhatIsNil() throws {
    let endpoint = SocketAddress(try address("2001:db8::1"), port: 443)
    let configuration = WireGuardConfiguration(
      interface: .index(3), peers: [.init(publicKey: key(0xaa), endpoint: endpoint)])
    let messages = try WireGuardMessage.set(configuration, family: family)
    #expect(
      messages.map(\.attributes) == [
        wire("08 00 01 00 03 00 00 00 4c 00 08 80 48 00 00 80 24 00 01 00") + key(0xaa)
          + wire(
            """
            20 00 04 00 0a 00 01 bb 00 00 00 00              # port 443, no flow label
              20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 00  # no scope
            """)
      ])
  }

  // `wg set wg0 peer KEY remove`
  @Test func removeSendsNothingElse() throws {
    let configuration = WireGuardConfiguration(
      interface: .index(3),
      peers: [
        .init(publicKey: key(0xaa), allowedIPs: try manyPrefixes(5000), remove: true)
      ])
    let messages = try WireGuardMessage.set(configuration, family: family)
    #expect(
      messages.map(\.attributes) == [
        wire("08 00 01 00 03 00 00 00 34 00 08 80 30 00 00 80 24 00 01 00") + key(0xaa)
          + wire("08 00 03 00 01 00 00 00")
      ])
  }

  // `wg show wg0`
  @Test func get() throws {
    #expect(
      try WireGuardMessage.get(.name("wg0"), family: family)
        .bytes(sequence: 1, adding: [.request, .dump])
        == wire(
          """
          1c 00 00 00 1d 00 01 03 01 00 00 00 00 00 00 00  # REQUEST | DUMP
          00 01 00 00 08 00 02 00 77 67 30 00              # WG_CMD_GET_DEVICE, WGDEVICE_A_IFNAME
          """))
  }

  @Test func namesTheInterfaceInErrors() throws {
    #expect(
      try WireGuardMessage.get(.index(3), family: family).description
        == "reading WireGuard interface 3 (WG_CMD_GET_DEVICE)")
    #expect(
      try WireGuardMessage.set(.init(interface: .name("wg0")), family: family).map(\.description)
        == ["configuring WireGuard interface 'wg0' (WG_CMD_SET_DEVICE)"])
  }

  @Test func printsNoPrivateAndNoPresharedKey() throws {
    let configuration = WireGuardConfiguration(
      interface: .name("wg0"), privateKey: key(0x77),
      peers: [.init(publicKey: key(1), presharedKey: key(0x77))])
    let message = try WireGuardMessage.set(configuration, family: family)[0]
    var texts = ["\(configuration)", String(reflecting: configuration), "\(message)"]
    texts += [String(reflecting: message), "\(configuration.peers)"]
    for value in [configuration, configuration.peers, message] as [Any] {
      var dumped = ""
      dump(value, to: &dumped)
      texts.append(dumped)
    }
    for text in texts { #expect(!text.contains("119"), "0x77 in decimal") }
  }
}
