internal import GeneratorCore
internal import Stage
internal import SystemCalls

/// A report as JSON: field by field, so that no private or preshared key can slip in.
package enum ReportJSON {
  package static func value(_ report: InstanceReport) -> JSONValue {
    let observed = report.observed
    return .object([
      "name": .text(report.name.text),
      "state": .text(report.state.rawValue),
      "file": JSONValue(report.file?.path),
      "enabled": JSONValue(report.enablement),
      "units": .array(report.units.map(unit)),
      "namespace": observed.namespace.map(namespace) ?? .null,
      "interface": observed.wireGuard.map { interface($0, report) } ?? .null,
      "peers": .array((observed.wireGuard?.peers ?? []).map { peer($0, report) }),
      "endpoints": .texts(report.endpoints),
      "handshake_age_seconds": JSONValue(report.handshakeAge),
      "received_bytes": JSONValue(report.receivedBytes),
      "transmitted_bytes": JSONValue(report.transmittedBytes),
      "routes": .array(observed.routes.map(route)),
      "name_servers": .texts(report.nameServers.map(\.description)),
      "search_domains": .texts(report.searchDomains),
      "tunnel": observed.tunnel.map(tunnel) ?? .null,
      "port_forwards": .texts(report.portForwards),
      "publications": .texts(report.publications.map(\.description)),
      "attached": .array(report.attached.map(attached)),
      "errors": .texts(report.faults),
      "warnings": .texts(report.warnings),
      "problem": report.problem.map {
        .object(["text": .text($0.text), "remedy": .text($0.remedy)])
      }
        ?? .null,
      "unread": .texts(report.unread),
    ])
  }

  private static func unit(_ unit: UnitReport) -> JSONValue {
    .object([
      "name": .text(unit.name), "active": .text(unit.active), "sub": .text(unit.sub),
      "status": JSONValue(unit.statusText.isEmpty ? nil : unit.statusText),
      "result": JSONValue(unit.result.isEmpty ? nil : unit.result),
      "since": JSONValue(unit.since),
    ])
  }

  private static func namespace(_ namespace: ObservedInstance.Namespace) -> JSONValue {
    .object([
      "path": .text(namespace.path), "inode": JSONValue(namespace.identity.inode),
      "present": .boolean(namespace.isThere),
    ])
  }

  private static func interface(
    _ interface: ObservedInstance.WireGuard, _ report: InstanceReport
  ) -> JSONValue {
    .object([
      "name": .text(interface.name),
      "up": interface.link.map { .boolean($0.isUp) } ?? .null,
      "backend": .text(interface.isUserspace ? "userspace" : "kernel"),
      "public_key": JSONValue(interface.publicKey.map(Quantities.base64)),
      "listen_port": JSONValue(interface.listenPort),
      "fwmark": JSONValue(interface.fwMark),
      "addresses": .texts((interface.link?.addresses ?? []).map(\.description)),
      "mtu": .object([
        "present": JSONValue(interface.link?.mtu),
        "configured": JSONValue(report.instance?.wireGuard.mtu),
        "path": JSONValue(report.pathMTU),
      ]),
    ])
  }

  private static func peer(_ peer: ObservedInstance.Peer, _ report: InstanceReport) -> JSONValue {
    .object([
      "public_key": .text(Quantities.base64(peer.publicKey)),
      "preshared_key": .boolean(peer.hasPresharedKey),
      "endpoint": JSONValue(peer.endpoint?.description),
      "configured_endpoint": JSONValue(
        report.observed.wireGuard?.configuredEndpoints[peer.publicKey]),
      "last_handshake": JSONValue(peer.lastHandshake),
      "received_bytes": JSONValue(peer.receivedBytes),
      "transmitted_bytes": JSONValue(peer.transmittedBytes),
      "allowed_ips": .texts(peer.allowedIPs.map(\.description)),
      "persistent_keepalive_seconds": JSONValue(peer.persistentKeepalive),
    ])
  }

  private static func route(_ route: ObservedInstance.Route) -> JSONValue {
    .object([
      "destination": .text(route.destination.description),
      "interface": JSONValue(route.interface),
      "gateway": JSONValue(route.gateway?.description),
      "table": JSONValue(route.table),
    ])
  }

  private static func tunnel(_ tunnel: ObservedInstance.Tunnel) -> JSONValue {
    func end(_ name: String, _ link: ObservedInstance.LinkState?) -> JSONValue {
      .object([
        "interface": .text(name), "up": link.map { .boolean($0.isUp) } ?? .null,
        "addresses": .texts((link?.addresses ?? []).map(\.description)),
      ])
    }
    return .object([
      "host": end(tunnel.hostName, tunnel.host),
      "namespace": end(tunnel.insideName, tunnel.inside),
    ])
  }

  private static func attached(_ attached: AttachedReport) -> JSONValue {
    var inode: UInt64?
    let place: String
    switch attached.place {
    case .inside(let number): (place, inode) = ("inside", number)
    case .outside(let number, let isHost): (place, inode) = (isHost ? "host" : "outside", number)
    case .nowhere: place = "not running"
    case .unknown: place = "unknown"
    }
    return .object([
      "unit": .text(attached.unit), "active": .text(attached.active),
      "process": JSONValue(attached.process), "place": .text(place), "namespace": JSONValue(inode),
    ])
  }
}

extension InstanceReport {
  /// Those in use, or else those of the file.
  var nameServers: [IPAddress] {
    guard observed.nameServers.isEmpty else { return observed.nameServers }
    return (instance?.wireGuard.dns ?? []).compactMap {
      if case .server(let address) = $0 { address } else { nil }
    }
  }

  var searchDomains: [String] {
    (instance?.wireGuard.dns ?? []).compactMap {
      if case .searchDomain(let domain) = $0 { domain } else { nil }
    }
  }

  var publications: [Publication] { instance?.publications ?? [] }

  var portForwards: [String] {
    (instance?.tunnel?.portForwards ?? []).map { forward in
      let inner = forward.innerPort == forward.port ? "" : ":\(forward.innerPort)"
      return "\(forward.interface):\(forward.port)\(inner)/\(forward.transport.rawValue)"
    }
  }
}
