internal import GeneratorCore
internal import SystemCalls

// The rules of nft(8) that an instance comes with, as text; pure.

/// Inside: no packet but replies leaves except by the WireGuard `interface`, and name queries go to nobody but the
/// configured servers.
///
/// Without servers queries may go to any, through the tunnel. mDNS and LLMNR ask whoever is near.
/// A reply goes to who came in by another way than WireGuard: the provider can send packets in the
/// host's name, and what answers those must not go to the host.
func namespaceTable(interface: String, servers: [IPAddress]) -> FilterTable {
  let ways = "{ \"lo\", \"\(interface)\" }"
  var rules = """
      chain input {
        type filter hook input priority filter; policy accept;
        iifname != \(ways) ct state new ct mark set \(linkGroup)
      }
      chain output {
        type filter hook output priority filter; policy accept;
        oifname "lo" accept
        oifname != "\(interface)" jump replies
        meta l4proto { tcp, udp } th dport { 5353, 5355 } drop

    """
  for family in [AddressFamily.ipv4, .ipv6] {
    let addresses = servers.filter { $0.family == family }.map(\.description)
    guard !addresses.isEmpty else { continue }
    let field = family == .ipv4 ? "ip" : "ip6"
    rules += """
          \(field) daddr { \(addresses.joined(separator: ", ")) } \
      meta l4proto { tcp, udp } th dport { 53, 853 } accept

      """
  }
  if !servers.isEmpty { rules += "    meta l4proto { tcp, udp } th dport { 53, 853 } drop\n" }
  rules += """
      }
      chain replies {
        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
        ct mark \(linkGroup) ct state established,related accept
        drop
      }

    """
  return FilterTable(name: packageName, rules: rules)
}

/// On the host: what arrives at the forwarded ports goes inside, and nothing else passes the pair.
///
/// Replies have to come back by the tunnel, not by the VPN, so inside all senders look like the
/// host (`masquerade`). `closed` are interfaces where forwarding of IPv4 was off until now: it stays
/// off for everything but what a forward has changed the destination of.
func forwardTable(
  _ instance: Instance, _ tunnel: TunnelSettings, to addresses: TunnelAddresses, closed: [String]
) -> FilterTable {
  var rules = "  chain prerouting {\n    type nat hook prerouting priority dstnat; policy accept;\n"
  for forward in tunnel.portForwards {
    let arrival = "iifname \"\(forward.interface)\""
    let port = "\(forward.transport.rawValue) dport \(forward.port)"
    for family in [AddressFamily.ipv4, .ipv6] {
      guard let target = addresses.namespace.first(where: { $0.family == family }) else { continue }
      let field = family == .ipv4 ? "ip" : "ip6"
      let destination = SocketAddress(target.address, port: forward.innerPort)
      rules += "    meta nfproto \(family == .ipv4 ? "ipv4" : "ipv6") \(arrival) \(port)"
      rules += " dnat \(field) to \(destination)\n"
    }
  }
  let pair = "\"\(tunnel.hostInterface)\""
  rules += """
      }
      chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        oifname \(pair) ct status dnat masquerade
      }
      chain forward {
        type filter hook forward priority filter; policy accept;
        ct status dnat ct state established,related accept
        oifname \(pair) ct status dnat accept
        oifname \(pair) drop
        iifname \(pair) drop

    """
  for interface in closed {
    rules += "    meta nfproto ipv4 iifname \"\(interface)\" ct status dnat accept\n"
    rules += "    meta nfproto ipv4 iifname \"\(interface)\" drop\n"
  }
  rules += "  }\n"
  return FilterTable(name: forwardTableName(instance.name), rules: rules)
}

func forwardTableName(_ name: InstanceName) -> String {
  name.isSingle ? "\(packageName)-forward" : "\(packageName)-forward-\(name)"
}
