import Testing

@testable import Commands

@Suite struct MetricsTextTests {
  @Test func everyFamilyOfOneVPN() throws {
    let text = MetricsText.render([try Samples.up()])
    let samples = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    let peer = "peer=\"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\""
    #expect(samples.contains("namespaced_wireguard_vpn_up{instance=\"work\"} 1"))
    #expect(
      samples.suffix(4) == [
        "namespaced_wireguard_vpn_peer_last_handshake_seconds{instance=\"work\",\(peer)} 940",
        "namespaced_wireguard_vpn_peer_handshake_age_seconds{instance=\"work\",\(peer)} 60",
        "namespaced_wireguard_vpn_peer_receive_bytes_total{instance=\"work\",\(peer)} 1300000",
        "namespaced_wireguard_vpn_peer_transmit_bytes_total{instance=\"work\",\(peer)} 900",
      ])
    #expect(samples.count == 1 + 4 + 4 + 1 + 1 + 4)
  }

  /// Each family has its comments once, and all of its samples behind them.
  @Test func familiesAreTogether() throws {
    let text = MetricsText.render([try Samples.up(), try Samples.down()])
    var seen: [Substring] = []
    for line in text.split(separator: "\n") {
      let name =
        line.hasPrefix("# ") ? line.split(separator: " ")[2] : line.prefix { $0 != "{" }
      if seen.last != name {
        #expect(line.hasPrefix("# HELP ") && !seen.contains(name))
        seen.append(name)
      }
    }
    #expect(seen.count == 9)
  }

  @Test func withoutAnyVPNThereIsNothing() { #expect(MetricsText.render([]) == "") }
}
