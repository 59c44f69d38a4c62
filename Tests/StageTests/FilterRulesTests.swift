import GeneratorCore
import SystemCalls
import Testing

@testable import Stage

/// The rules of nft(8) as text; that the kernel takes them is for `ConfinementKernelTests`.
@Suite struct FilterRulesTests {
  private static let replies = """
      chain replies {
        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
        ct mark 1853060967 ct state established,related accept
        drop
      }

    """

  @Test(arguments: [
    ([], ""),
    (
      ["10.64.0.1"],
      """
          ip daddr { 10.64.0.1 } meta l4proto { tcp, udp } th dport { 53, 853 } accept
          meta l4proto { tcp, udp } th dport { 53, 853 } drop

      """
    ),
    (
      ["fd64::1", "10.64.0.1", "10.64.0.2"],
      """
          ip daddr { 10.64.0.1, 10.64.0.2 } meta l4proto { tcp, udp } th dport { 53, 853 } accept
          ip6 daddr { fd64::1 } meta l4proto { tcp, udp } th dport { 53, 853 } accept
          meta l4proto { tcp, udp } th dport { 53, 853 } drop

      """
    ),
  ])
  func inside(servers: [String], queries: String) throws {
    let table = namespaceTable(
      interface: "wg-work", servers: try servers.map { try #require(IPAddress($0)) })
    #expect(table.name == "namespaced-wireguard-vpn")
    #expect(
      table.rules == """
          chain input {
            type filter hook input priority filter; policy accept;
            iifname != { "lo", "wg-work" } ct state new ct mark set 1853060967
          }
          chain output {
            type filter hook output priority filter; policy accept;
            oifname "lo" accept
            oifname != "wg-work" jump replies
            meta l4proto { tcp, udp } th dport { 5353, 5355 } drop

        """ + queries + "  }\n" + Self.replies)
  }

  private func forwarding(_ lines: String, closed: [String]) throws -> FilterTable {
    let instance = try instance("WIREGUARD_IP_ADDRESSES=10.64.0.2/32\n\(lines)")
    let tunnel = try #require(instance.tunnel)
    let subnet = try #require(TunnelAddresses(subnet: try prefix("10.127.4.8/30")))
    return forwardTable(instance, tunnel, to: tunnel.addresses ?? subnet, closed: closed)
  }

  @Test func onTheHost() throws {
    let table = try forwarding(
      "TUNNEL_PORT_FORWARDS=eth0:8000/tcp,wlan0:53:5353/udp", closed: ["eth0"])
    #expect(table.name == "namespaced-wireguard-vpn-forward-work")
    #expect(
      table.rules == """
          chain prerouting {
            type nat hook prerouting priority dstnat; policy accept;
            meta nfproto ipv4 iifname "eth0" tcp dport 8000 dnat ip to 10.127.4.10:8000
            meta nfproto ipv4 iifname "wlan0" udp dport 53 dnat ip to 10.127.4.10:5353
          }
          chain postrouting {
            type nat hook postrouting priority srcnat; policy accept;
            oifname "veth-work0" ct status dnat masquerade
          }
          chain forward {
            type filter hook forward priority filter; policy accept;
            ct status dnat ct state established,related accept
            oifname "veth-work0" ct status dnat accept
            oifname "veth-work0" drop
            iifname "veth-work0" drop
            meta nfproto ipv4 iifname "eth0" ct status dnat accept
            meta nfproto ipv4 iifname "eth0" drop
          }

        """)
  }

  /// To the first address of each family; where forwarding was on before, nothing else changes.
  @Test func ofBothFamilies() throws {
    let table = try forwarding(
      """
      TUNNEL_PORT_FORWARDS=eth0:80/tcp
      TUNNEL_INIT_IP_ADDRESSES=10.9.0.1/24,fd09::1/64
      TUNNEL_VPN_IP_ADDRESSES=fd09::2/64,10.9.0.2/24,10.9.0.3/24
      """, closed: [])
    let lines = table.rules.split(separator: "\n").map { $0.drop { $0 == " " } }
    #expect(
      lines.filter { $0.contains("dnat ip") } == [
        #"meta nfproto ipv4 iifname "eth0" tcp dport 80 dnat ip to 10.9.0.2:80"#,
        #"meta nfproto ipv6 iifname "eth0" tcp dport 80 dnat ip6 to [fd09::2]:80"#,
      ])
    #expect(!lines.contains { $0.contains(#"iifname "eth0""#) && !$0.contains("dport") })
  }

  @Test func tableOfTheOldSingleInstance() {
    #expect(forwardTableName(.single) == "namespaced-wireguard-vpn-forward")
  }
}
