internal import GeneratorCore
internal import Stage
internal import SystemCalls

/// `nswg metrics`: the text format of Prometheus, "Exposition formats".
package struct MetricsText {
  private var text = ""

  package static func render(_ reports: [InstanceReport]) -> String {
    var metrics = MetricsText()
    metrics.addInstances(reports)
    metrics.addPeers(reports)
    return metrics.text
  }

  private typealias Sample = (labels: KeyValuePairs<String, String>, value: String)

  private mutating func family(
    _ name: String, _ type: String, _ help: String, _ samples: [Sample]
  ) {
    guard !samples.isEmpty else { return }
    let name = "namespaced_wireguard_vpn_\(name)"
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    for sample in samples {
      let labels = sample.labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
      text += "\(name){\(labels.joined(separator: ","))} \(sample.value)\n"
    }
  }

  private static func escaped(_ value: String) -> String {
    String(
      value.flatMap { character -> String in
        switch character {
        case "\\": "\\\\"
        case "\"": "\\\""
        case "\n": "\\n"
        default: String(character)
        }
      })
  }

  private mutating func addInstances(_ reports: [InstanceReport]) {
    family(
      "up", "gauge", "Whether all units of the VPN are up.",
      reports.map { (["instance": $0.name.text], $0.state == .up ? "1" : "0") })
    family(
      "unit_active", "gauge", "Whether a unit of the VPN is active.",
      reports.flatMap { report in
        report.units.map {
          (["instance": report.name.text, "unit": $0.name], $0.isActive ? "1" : "0")
        }
      })
    family(
      "unit_failed", "gauge", "Whether a unit of the VPN has failed.",
      reports.flatMap { report in
        report.units.map {
          (["instance": report.name.text, "unit": $0.name], $0.active == "failed" ? "1" : "0")
        }
      })
    family(
      "config_errors", "gauge", "Faults in the VPN's file.",
      reports.map { (["instance": $0.name.text], String($0.faults.count)) })
    family(
      "attached_outside", "gauge", "Attached services whose process is outside the namespace.",
      reports.map { report in
        let outside = report.attached.filter { if case .outside = $0.place { true } else { false } }
        return (["instance": report.name.text], String(outside.count))
      })
  }

  private mutating func addPeers(_ reports: [InstanceReport]) {
    func samples(_ value: (ObservedInstance.Peer, InstanceReport) -> String?) -> [Sample] {
      reports.flatMap { report in
        (report.observed.wireGuard?.peers ?? []).compactMap { peer in
          value(peer, report).map { value in
            (["instance": report.name.text, "peer": Quantities.base64(peer.publicKey)], value)
          }
        }
      }
    }
    family(
      "peer_last_handshake_seconds", "gauge",
      "Time of the last handshake since 1970; not there before the first.",
      samples { peer, _ in peer.lastHandshake.map(String.init) })
    family(
      "peer_handshake_age_seconds", "gauge",
      "Age of the last handshake; not there before the first.",
      samples { peer, report in peer.lastHandshake.map { String(max(report.time - $0, 0)) } })
    family(
      "peer_receive_bytes_total", "counter", "Bytes received from the peer.",
      samples { peer, _ in String(peer.receivedBytes) })
    family(
      "peer_transmit_bytes_total", "counter", "Bytes sent to the peer.",
      samples { peer, _ in String(peer.transmittedBytes) })
  }
}
