internal import GeneratorCore
internal import Stage
package import SystemCalls

/// What can be said of a report alone; pure.
package enum StateChecks {
  /// `settings` are those below /proc/sys/net as they are inside; nil for one that is not there.
  package static func checks(
    _ report: InstanceReport, hostNamespace: FileIdentity?,
    settings: [(name: String, value: String?)]
  ) -> [LeakCheck] {
    [namespace(report, hostNamespace), links(report)]
      + [AddressFamily.ipv4, .ipv6].map { routes(report, $0) }
      + [self.settings(settings), attached(report)]
  }

  private static func namespace(_ report: InstanceReport, _ host: FileIdentity?) -> LeakCheck {
    let question = "Is the namespace the VPN's own?"
    guard let namespace = report.observed.namespace else {
      return LeakCheck(question, .unknown, "none is recorded")
    }
    let inode = "\(namespace.path) is net:[\(namespace.identity.inode)]"
    guard namespace.isThere else {
      return LeakCheck(question, .no, "\(namespace.path) is another one by now")
    }
    return LeakCheck(
      question, namespace.identity != host,
      "\(inode), the host's net:[\(host?.inode ?? 0)]")
  }

  private static func links(_ report: InstanceReport) -> LeakCheck {
    let question = "Are no other interfaces inside?"
    guard let links = report.observed.insideLinks else {
      return LeakCheck(question, .unknown, "they cannot be read")
    }
    let own = [report.observed.wireGuard?.name, report.observed.tunnel?.insideName]
    let foreign = links.filter { !own.contains($0) }
    return LeakCheck(
      question, foreign.isEmpty,
      foreign.isEmpty
        ? "lo, \(links.joined(separator: ", "))"
        : "\(foreign.joined(separator: ", ")): not made by this VPN")
  }

  /// Every way that is not WireGuard's may lead to the pair's own network and no further, and behind
  /// WireGuard's there is an end.
  private static func routes(_ report: InstanceReport, _ family: AddressFamily) -> LeakCheck {
    let question = "Does \(family.name) lead into WireGuard or nowhere?"
    let observed = report.observed
    guard observed.insideLinks != nil else {
      return LeakCheck(question, .unknown, "the routes cannot be read")
    }
    let routes = observed.routes.filter { $0.destination.family == family }
    let networks = observed.tunnel?.inside?.addresses.map(\.network) ?? []
    let astray = routes.filter { route in
      guard let interface = route.interface, interface != observed.wireGuard?.name else {
        return false
      }
      return route.gateway != nil || !networks.contains(route.destination)
    }
    if let route = astray.first {
      let via = route.gateway.map { " via \($0)" } ?? ""
      return LeakCheck(
        question, .no, "\(route.destination)\(via) leads to \(route.interface ?? "")")
    }
    let hasEnd = routes.contains { $0.interface == nil && $0.destination.length == 0 }
    let has = report.observed.wireGuard?.link?.addresses.contains { $0.family == family } ?? false
    guard hasEnd || !has else {
      return LeakCheck(question, .no, "no unreachable default stands behind WireGuard's routes")
    }
    return LeakCheck(
      question, .yes,
      has ? "an unreachable default stands behind WireGuard's routes" : "no \(family.name) inside")
  }

  private static func settings(_ settings: [(name: String, value: String?)]) -> LeakCheck {
    let question = "Is nothing inside a router, or led by one?"
    let known = settings.filter { $0.value != nil }
    let wrong = known.filter { $0.value != "0" }
    guard !known.isEmpty else { return LeakCheck(question, .unknown, "cannot be read") }
    let shown = (wrong.isEmpty ? known : wrong).map { "\($0.name)=\($0.value ?? "")" }
    return LeakCheck(question, wrong.isEmpty, shown.joined(separator: ", "))
  }

  private static func attached(_ report: InstanceReport) -> LeakCheck {
    let question = "Are all attached services inside?"
    var (inside, outside, unknown): ([String], [String], [String]) = ([], [], [])
    for service in report.attached {
      switch service.place {
      case .inside: inside.append(service.unit)
      case .outside(let inode, let isHost):
        outside.append("\(service.unit) is in \(isHost ? "the host's " : "")net:[\(inode)]")
      case .unknown(let why): unknown.append("\(service.unit): \(why)")
      case .nowhere: continue
      }
    }
    if !outside.isEmpty { return LeakCheck(question, .no, outside.joined(separator: ", ")) }
    if !unknown.isEmpty { return LeakCheck(question, .unknown, unknown.joined(separator: ", ")) }
    return LeakCheck(
      question, .yes, inside.isEmpty ? "none runs" : inside.joined(separator: ", "))
  }
}
