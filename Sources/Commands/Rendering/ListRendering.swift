internal import GeneratorCore
internal import Stage

/// `nswg list`: a line per instance.
package enum ListRendering {
  package static func lines(_ reports: [InstanceReport]) -> [StyledLine] {
    var table = TextTable(
      ["NAME", "STATE", "ENDPOINT", "HANDSHAKE", "RECEIVED", "SENT", "SERVICES"], numeric: [4, 5])
    for report in reports {
      let endpoints = report.endpoints
      let more = endpoints.count > 1 ? " +\(endpoints.count - 1)" : ""
      table.append([
        Styled(report.name.text, .bold),
        Styled(report.state.words, report.state.style),
        Styled((endpoints.first ?? "-") + more),
        handshake(report),
        Styled(report.receivedBytes.map(Quantities.bytes) ?? "-"),
        Styled(report.transmittedBytes.map(Quantities.bytes) ?? "-"),
        services(report),
      ])
    }
    return table.lines
  }

  /// How long ago; a VPN that is up without one has never worked.
  package static func handshake(_ report: InstanceReport) -> Styled {
    guard report.isHandshakeKnown else { return "-" }
    guard let age = report.handshakeAge else { return Styled("never", .doubtful) }
    return Styled("\(Quantities.duration(age)) ago", age <= 180 ? .good : .plain)
  }

  private static func services(_ report: InstanceReport) -> Styled {
    let services = report.attached.filter { $0.unit.hasSuffix(".service") }
    guard !services.isEmpty else { return "-" }
    let isLeaking = services.contains { if case .outside = $0.place { true } else { false } }
    let names = services.map { service -> String in
      let name =
        service.unit.hasSuffix(".service") ? String(service.unit.dropLast(8)) : service.unit
      if case .outside = service.place { return "OUTSIDE:\(name)" }
      return service.active == "active" ? name : "(\(name))"
    }
    return Styled(names.joined(separator: " "), isLeaking ? .bad : .plain)
  }

  package static func json(_ reports: [InstanceReport]) -> JSONValue {
    .array(reports.map { ReportJSON.value($0) })
  }
}

extension InstanceState {
  var style: Style {
    switch self {
    case .up: .good
    case .failed, .faulty: .bad
    case .partial, .starting, .stopping: .doubtful
    case .down: .dim
    }
  }
}
