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
}
