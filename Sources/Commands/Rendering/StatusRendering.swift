internal import GeneratorCore
internal import Stage
internal import SystemCalls

/// `nswg status`: all about one instance.
package struct StatusRendering {
  private let report: InstanceReport
  private var lines: [StyledLine] = []

  private init(_ report: InstanceReport) { self.report = report }

  package static func lines(_ report: InstanceReport) -> [StyledLine] {
    var rendering = StatusRendering(report)
    rendering.addHead()
    rendering.addUnits()
    rendering.addNamespace()
    rendering.addInterface()
    for peer in report.observed.wireGuard?.peers ?? [] { rendering.add(peer) }
    rendering.addWays()
    rendering.addTunnel()
    rendering.addAttached()
    rendering.addUnread()
    return rendering.lines
  }

  /// A label and what it is about; several values are below each other.
  private mutating func add(_ label: String, _ values: [StyledLine], indent: Int = 0) {
    for (index, value) in values.enumerated() {
      let text = index == 0 ? "\(label):" : ""
      let blanks = String(repeating: " ", count: max(13 - text.unicodeScalars.count - indent, 0))
      lines.append(
        [Styled(String(repeating: " ", count: indent)), Styled(text, .dim), Styled(blanks + " ")]
          + value)
    }
  }

  private mutating func add(_ label: String, _ value: String?, _ style: Style = .plain) {
    guard let value, !value.isEmpty else { return }
    add(label, [[Styled(value, style)]])
  }

  // MARK: parts

  private mutating func addHead() {
    let state = report.state
    let mark = state == .up ? "●" : state == .down ? "○" : "×"
    var head: StyledLine = [
      Styled(mark, state.style), " ", Styled(report.name.text, .bold), " - ",
      Styled(state.words, state.style),
    ]
    if state == .up, report.isHandshakeKnown {
      let handshake = ListRendering.handshake(report)
      head += [", handshake ", handshake]
    }
    lines.append(head)
    let enabled = report.enablement.map { " (target \($0))" } ?? ""
    if let path = report.file?.path {
      add("file", path + enabled)
    } else if report.isFileUnknown {
      add("file", "not known" + enabled, .doubtful)
    } else {
      add("file", "gone: it can only be stopped", .doubtful)
    }
    if let problem = report.problem {
      add("problem", [[Styled(problem.text, .bad)], [Styled("→ \(problem.remedy)")]])
    }
    for fault in report.faults.dropFirst() { add("also", fault, .bad) }
    for warning in report.warnings { add("warning", warning, .doubtful) }
  }

  private mutating func addUnits() {
    let width = report.units.map(\.name.unicodeScalars.count).max() ?? 0
    let rows = report.units.map { unit -> StyledLine in
      let gap = String(repeating: " ", count: width - unit.name.unicodeScalars.count + 2)
      let style: Style =
        switch unit.active {
        case "active": .good
        case "failed": .bad
        case "inactive": .dim
        default: .doubtful
        }
      let since = unit.since.map { " for \(Quantities.duration(max(report.time - $0, 0)))" } ?? ""
      let said = unit.statusText.isEmpty ? "" : "  \(unit.statusText)"
      return [
        Styled(unit.name + gap), Styled(unit.active, style), Styled(since),
        Styled(unit.active == "failed" ? "" : said, .dim),
      ]
    }
    add("units", rows)
  }

  private mutating func addNamespace() {
    guard let namespace = report.observed.namespace else {
      return add("namespace", report.instance.map { "\($0.namespaceName) (not there)" }, .dim)
    }
    let inode = "\(namespace.path)  net:[\(namespace.identity.inode)]"
    guard namespace.isThere else {
      return add("namespace", "\(inode), which is gone: somebody deleted or replaced it", .bad)
    }
    add("namespace", inode)
    let known = [report.observed.wireGuard?.name, report.observed.tunnel?.insideName]
    let foreign = (report.observed.insideLinks ?? []).filter { !known.contains($0) }
    guard !foreign.isEmpty else { return }
    add("foreign", "\(foreign.joined(separator: ", ")) inside, made by somebody else", .doubtful)
  }

  private mutating func addInterface() {
    guard let interface = report.observed.wireGuard else { return }
    let backend = interface.isUserspace ? "user-space WireGuard" : "kernel WireGuard"
    guard let link = interface.link else {
      return add("interface", "\(interface.name)  \(backend)")
    }
    add(
      "interface",
      [
        [
          "\(interface.name)  ", Styled(link.isUp ? "up" : "down", link.isUp ? .good : .bad),
          "  \(backend)",
        ]
      ])
    add("addresses", link.addresses.map(\.description).joined(separator: ", "))
    add("mtu", mtu(link))
    add("public key", interface.publicKey.map(Quantities.base64))
    let mark = interface.fwMark == 0 ? "" : ", mark 0x\(String(interface.fwMark, radix: 16))"
    add("port", interface.listenPort.map { "UDP \($0) on the host\(mark)" })
  }

  /// Present, and by whom it was chosen, and what the path takes.
  private func mtu(_ link: ObservedInstance.LinkState) -> String {
    var words = "\(link.mtu)"
    if let instance = report.instance {
      words += instance.wireGuard.mtu.map { ", the file says \($0)" } ?? ", computed"
    }
    return words + (report.pathMTU.map { ", the path takes \($0)" } ?? "")
  }

  private mutating func add(_ peer: ObservedInstance.Peer) {
    add("peer", Quantities.base64(peer.publicKey), .bold)
    var rows: [(String, Styled)] = []
    let configured = report.observed.wireGuard?.configuredEndpoints[peer.publicKey]
    let present = peer.endpoint?.description
    let origin = configured == present ? "" : configured.map { " (the file says \($0))" } ?? ""
    rows.append(("endpoint", Styled((present ?? "none") + origin)))
    let handshake =
      peer.lastHandshake.map { time -> Styled in
        let age = max(report.time - time, 0)
        return Styled("\(Quantities.duration(age)) ago", age <= 180 ? .good : .plain)
      } ?? Styled("never", .doubtful)
    rows.append(("handshake", handshake))
    rows.append(
      (
        "transfer",
        Styled(
          "\(Quantities.bytes(peer.receivedBytes)) received,"
            + " \(Quantities.bytes(peer.transmittedBytes)) sent")
      ))
    let allowed = peer.allowedIPs.map(\.description).joined(separator: ", ")
    rows.append(("allowed", Styled(allowed.isEmpty ? "none" : allowed)))
    if peer.persistentKeepalive > 0 {
      rows.append(("keepalive", Styled("every \(peer.persistentKeepalive) s")))
    }
    if peer.hasPresharedKey { rows.append(("preshared", Styled("a key is set"))) }
    for row in rows { add(row.0, [[row.1]], indent: 2) }
  }

  private mutating func addWays() {
    let routes = report.observed.routes.map { route -> StyledLine in
      let table = route.table == 254 ? "" : " table \(route.table)"
      guard let interface = route.interface else {
        return [Styled("unreachable \(route.destination)\(table)", .dim)]
      }
      let via = route.gateway.map { " via \($0)" } ?? ""
      return ["\(route.destination)\(via) dev \(interface)\(table)"]
    }
    add("routes", routes)
    let search =
      report.searchDomains.isEmpty
      ? "" : "; search \(report.searchDomains.joined(separator: " "))"
    let servers = report.nameServers.map(\.description).joined(separator: ", ")
    add("dns", (servers.isEmpty ? "no server is configured" : servers) + search)
  }

  private mutating func addTunnel() {
    guard let tunnel = report.observed.tunnel else {
      if let instance = report.instance, instance.tunnel == nil {
        add("tunnel", "switched off by the file", .dim)
      }
      return
    }
    func end(_ name: String, _ link: ObservedInstance.LinkState?, _ place: String) -> StyledLine {
      let addresses = (link?.addresses ?? []).map(\.description).joined(separator: ", ")
      // Without root nothing says that it is not there.
      let unseen = Styled(report.unread.isEmpty ? "not seen" : "not known", .dim)
      guard let link else { return ["\(name)  ", unseen, " \(place)"] }
      return [
        "\(name)  ", Styled(link.isUp ? "up" : "down", link.isUp ? .good : .bad),
        "  \(addresses) \(place)",
      ]
    }
    add(
      "tunnel",
      [
        end(tunnel.hostName, tunnel.host, "on the host"),
        end(tunnel.insideName, tunnel.inside, "inside"),
      ])
    add("forwards", report.portForwards.map { [Styled($0)] })
  }

  private mutating func addAttached() {
    add(
      "published",
      report.publications.map { publication in
        let unit = report.units.first {
          $0.name.hasSuffix(".socket")
            && $0.name.contains("-publish-\(publication.listen.address)_\(publication.listen.port)")
        }
        let isUp = unit?.isActive ?? false
        return [
          "\(publication.listen) → port \(publication.innerPort) inside  ",
          isUp ? Styled("listening", .good) : Styled("not listening", .dim),
        ]
      })
    let width = report.attached.map(\.unit.unicodeScalars.count).max() ?? 0
    add(
      "attached",
      report.attached.map { attached in
        let gap = String(
          repeating: " ", count: width - attached.unit.unicodeScalars.count + 2)
        return [Styled(attached.unit + gap), Styled("\(attached.active)  "), evidence(attached)]
      })
  }

  private func evidence(_ attached: AttachedReport) -> Styled {
    let process = attached.process.map { "process \($0)" } ?? "no process"
    return switch attached.place {
    case .inside(let inode): Styled("inside: \(process) is in net:[\(inode)]", .good)
    case .outside(let inode, let isHost):
      Styled(
        "OUTSIDE: \(process) is in net:[\(inode)], \(isHost ? "the host's" : "another one");"
          + " if it ran before it was attached: systemctl restart \(attached.unit)", .bad)
    case .nowhere where attached.isMissing: Styled("there is no such unit; misspelt?", .bad)
    case .nowhere: Styled(attached.unit.hasSuffix(".socket") ? "" : process, .dim)
    case .unknown(let why): Styled("not known: \(why)", .doubtful)
    }
  }

  private mutating func addUnread() {
    for part in report.unread { add("not read", part, .doubtful) }
  }
}
