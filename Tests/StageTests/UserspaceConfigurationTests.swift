import GeneratorCore
import Netlink
import SystemCalls
import Testing

@testable import Stage

@Suite struct UserspaceConfigurationTests {
  @Test func isTheTextOfTheCrossPlatformInterface() throws {
    let address = try #require(IPAddress("2001:db8::1"))
    let configuration = WireGuardConfiguration(
      interface: .name("wg0"), privateKey: [UInt8](repeating: 0xab, count: 32), listenPort: 51999,
      fwMark: 32, replacePeers: true,
      peers: [
        .init(
          publicKey: [UInt8](repeating: 0x01, count: 32),
          presharedKey: [UInt8](repeating: 0xf0, count: 32),
          endpoint: SocketAddress(address, port: 51820), persistentKeepalive: 25,
          allowedIPs: [try prefix("0.0.0.0/0"), try prefix("::/0")], replaceAllowedIPs: true)
      ])
    #expect(
      UserspaceConfiguration.Request.set(configuration).text == """
        set=1
        private_key=\(String(repeating: "ab", count: 32))
        listen_port=51999
        fwmark=32
        replace_peers=true
        public_key=\(String(repeating: "01", count: 32))
        preshared_key=\(String(repeating: "f0", count: 32))
        endpoint=[2001:db8::1]:51820
        persistent_keepalive_interval=25
        replace_allowed_ips=true
        allowed_ip=0.0.0.0/0
        allowed_ip=::/0


        """)
  }

  @Test func theAnswerIsTheSameAsTheKernels() throws {
    let device = WireGuardDevice(
      name: "wg0",
      answer: """
        private_key=\(String(repeating: "58", count: 32))
        listen_port=51999
        fwmark=32
        public_key=\(String(repeating: "01", count: 32))
        preshared_key=\(String(repeating: "f0", count: 32))
        protocol_version=1
        endpoint=[2001:db8::1]:51820
        last_handshake_time_sec=0
        persistent_keepalive_interval=25
        allowed_ip=10.0.0.0/8
        allowed_ip=::/0
        public_key=\(String(repeating: "02", count: 32))
        preshared_key=\(String(repeating: "00", count: 32))
        nonsense
        errno=0
        """.split(separator: "\n"))
    let address = try #require(IPAddress("2001:db8::1"))
    #expect(
      device
        == WireGuardDevice(
          index: 0, name: "wg0",
          publicKey: curve25519PublicKey(of: [UInt8](repeating: 0x58, count: 32)),
          listenPort: 51999, fwMark: 32,
          peers: [
            .init(
              publicKey: [UInt8](repeating: 0x01, count: 32),
              presharedKey: [UInt8](repeating: 0xf0, count: 32),
              endpoint: SocketAddress(address, port: 51820), persistentKeepalive: 25,
              allowedIPs: [try prefix("10.0.0.0/8"), try prefix("::/0")]),
            .init(publicKey: [UInt8](repeating: 0x02, count: 32)),
          ]))
  }
}
