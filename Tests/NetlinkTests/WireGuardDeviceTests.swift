import Netlink
import SystemCalls
import Testing

extension Sample {
  /// A dump with two peers, the second going on in a second message; see linux/wireguard.h.
  ///
  /// Its private key is 32 times 0x77.
  static let wireGuard = [wireGuardStart, wireGuardRest]

  static let wireGuardStart =
    wire(
      """
      c4 01 00 00 1d 00 02 00 01 00 00 00 42 59 00 00
      00 01 00 00                          # WG_CMD_GET_DEVICE, version 1
      06 00 06 00 6c ca 00 00              # WGDEVICE_A_LISTEN_PORT 51820
      08 00 07 00 6c ca 00 00              # WGDEVICE_A_FWMARK 0xca6c
      08 00 01 00 03 00 00 00              # WGDEVICE_A_IFINDEX 3
      08 00 02 00 77 67 30 00              # WGDEVICE_A_IFNAME "wg0"
      24 00 03 00
      """) + key(0x77)  // WGDEVICE_A_PRIVATE_KEY
    + [0x24, 0, 4, 0] + key(0x11)  // WGDEVICE_A_PUBLIC_KEY
    + [0x48, 1, 8, 0x80]  // WGDEVICE_A_PEERS, 328 bytes
    + [0xd0, 0, 0, 0x80]  // first peer, 208 bytes
    + [0x24, 0, 1, 0] + key(0xaa)  // WGPEER_A_PUBLIC_KEY
    + [0x24, 0, 2, 0] + key(0)  // WGPEER_A_PRESHARED_KEY: none
    + wire(
      """
      14 00 06 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  # LAST_HANDSHAKE_TIME: none
      06 00 05 00 00 00 00 00              # PERSISTENT_KEEPALIVE_INTERVAL: off
      0c 00 08 00 00 00 00 00 00 00 00 00  # TX_BYTES
      0c 00 07 00 00 00 00 00 00 00 00 00  # RX_BYTES
      08 00 0a 00 01 00 00 00              # PROTOCOL_VERSION 1
      48 00 09 80                          # WGPEER_A_ALLOWEDIPS
        1c 00 00 80 05 00 03 00 18 00 00 00 06 00 01 00 02 00 00 00  # /24, AF_INET
          08 00 02 00 0a 00 00 00                                    # 10.0.0.0
        28 00 00 80 05 00 03 00 40 00 00 00 06 00 01 00 0a 00 00 00  # /64, AF_INET6
          14 00 02 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  # fd00::
      """)
    + [0x74, 0, 0, 0x80]  // second peer, 116 bytes
    + [0x24, 0, 1, 0] + key(0xbb) + [0x24, 0, 2, 0] + key(0x99)
    + wire(
      """
      14 00 04 00 02 00 01 bb c0 00 02 07 00 00 00 00 00 00 00 00  # ENDPOINT 192.0.2.7:443
      08 00 0a 00 01 00 00 00
      0c 00 07 00 e8 03 00 00 00 00 00 00  # RX_BYTES 1000
      """)

  static let wireGuardRest =
    wire(
      """
      c4 00 00 00 1d 00 02 00 01 00 00 00 42 59 00 00
      00 01 00 00
      08 00 01 00 03 00 00 00 08 00 02 00 77 67 30 00  # WGDEVICE_A_IFINDEX, WGDEVICE_A_IFNAME
      a0 00 08 80                                      # WGDEVICE_A_PEERS
      48 00 00 80
      24 00 01 00
      """) + key(0xbb)
    + wire(
      """
      20 00 09 80 1c 00 00 80 06 00 01 00 02 00 00 00 08 00 02 00 00 00 00 00 05 00 03 00 00 00 00 00
      54 00 00 80                                      # third peer
      24 00 01 00
      """) + key(0xcc)
    + wire(
      """
      20 00 04 00 0a 00 ca 6c 00 00 00 00              # ENDPOINT, port 51820, flow label
        20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 00  # 2001:db8::1, scope
      0c 00 06 00 00 00 00 00 00 00 00 00              # LAST_HANDSHAKE_TIME, 8 bytes only
      """)
}

@Suite struct WireGuardDeviceTests {
  private func device(_ frames: [[UInt8]]) throws -> WireGuardDevice {
    try WireGuardDevice(frames.map { try reply($0) }, operation: "testing")
  }

  // `wg show wg0`
  @Test func joinsAPeerThatIsSplitOverTwoMessages() throws {
    let device = try device(Sample.wireGuard)
    #expect(device.index == 3 && device.name == "wg0")
    #expect(device.publicKey == key(0x11))
    #expect(device.listenPort == 51820 && device.fwMark == 0xca6c)
    #expect(device.peers.map(\.publicKey) == [key(0xaa), key(0xbb), key(0xcc)])
    #expect(try device.peers[0].allowedIPs == [prefix("10.0.0.0/24"), prefix("fd00::/64")])
    #expect(try device.peers[1].allowedIPs == [prefix("0.0.0.0/0")])
    #expect(device.peers[2].allowedIPs.isEmpty)
  }

  @Test func readsEndpointsAndCounters() throws {
    let peers = try device(Sample.wireGuard).peers
    let endpoints = peers.map { $0.endpoint?.description }
    #expect(endpoints == [nil, "192.0.2.7:443", "[2001:db8::1]:51820"])
    #expect(peers.map(\.hasPresharedKey) == [false, true, false])
    #expect(peers.map(\.receivedBytes) == [0, 1000, 0])
    #expect(peers.allSatisfy { $0.lastHandshake == nil && $0.persistentKeepalive == 0 })
  }

  @Test func readsAHandshake() throws {
    var encoder = AttributeEncoder()
    encoder.put(1, UInt32(3))
    encoder.put(2, "wg0")
    encoder.nest(8) { peers in
      peers.nest(0) { peer in
        peer.put(1, key(0xaa))
        peer.put(5, UInt16(25))
        // struct __kernel_timespec
        peer.put(6, wire("00 f1 53 65 00 00 00 00  39 30 00 00 00 00 00 00"))
        peer.put(8, UInt64(1 << 40))
      }
    }
    let reply = NetlinkReply(
      operation: "testing", type: 29, payload: [0, 1, 0, 0] + encoder.bytes)
    let device = try WireGuardDevice([reply], operation: "testing")
    #expect(device.publicKey == nil && device.listenPort == 0 && device.fwMark == 0)
    #expect(device.peers.first?.lastHandshake == 1_700_000_000)
    #expect(device.peers.first?.persistentKeepalive == 25)
    #expect(device.peers.first?.transmittedBytes == 1 << 40)
  }

  @Test func throwsWithoutAMessage() {
    let error = #expect(throws: NetlinkError.self) { try device([]) }
    #expect(error?.description == "testing: No such device (ENODEV)")
  }

  @Test func showsNoPrivateKeyInAReply() throws {
    let reply = try reply(Sample.wireGuardStart)
    var dumped = ""
    dump(reply, to: &dumped)
    for text in [dumped, "\(reply)", String(reflecting: reply)] {
      #expect(!text.contains("119"), "0x77 in decimal")
    }
  }
}
