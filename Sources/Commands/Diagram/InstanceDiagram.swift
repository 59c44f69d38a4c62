internal import GeneratorCore
internal import Stage
package import SystemCalls

/// `nswg diagram`: the host's namespace and the VPN's side by side, as they are now.
package struct InstanceDiagram {
  /// A box with a name and what belongs to it.
  struct Node {
    let lines: [String]
    let style: Style
    var width: Int { (lines.map(\.unicodeScalars.count).max() ?? 0) + 4 }
    var height: Int { lines.count + 2 }
  }

  private let report: InstanceReport
  private let uplink: Node
  private var drawing = Drawing()

  /// `uplink` is the interface by which the endpoint is reached, and the host's address there.
  package static func draw(
    _ report: InstanceReport, uplink: (interface: String, source: IPAddress?)?
  ) -> Drawing {
    let lines = [uplink?.interface ?? "no route", uplink?.source?.description].compactMap(\.self)
    var diagram = InstanceDiagram(
      report: report, uplink: Node(lines: lines, style: uplink == nil ? .bad : .good))
    diagram.draw()
    return diagram.drawing
  }

  // MARK: what there is

  private var wireGuard: Node {
    let interface = report.observed.wireGuard
    let name = interface?.name ?? report.instance?.wireGuard.interfaceName ?? "WireGuard"
    let addresses = interface?.link?.addresses ?? report.instance?.wireGuard.addresses ?? []
    return node(name, interface?.link, addresses)
  }

  private func node(
    _ name: String, _ link: ObservedInstance.LinkState?, _ addresses: [IPPrefix]
  ) -> Node {
    let isUp = link?.isUp ?? false
    // Read without root, or not there: what the units say counts.
    let isKnown = report.observed.insideLinks != nil
    let style: Style = isUp ? .good : isKnown || report.state == .down ? .bad : .doubtful
    let word = isUp ? "up" : style == .bad ? "down" : "not seen"
    return Node(lines: ["\(name) (\(word))"] + addresses.map(\.description), style: style)
  }

  private var pair: (host: Node, inside: Node)? {
    guard let tunnel = report.observed.tunnel else {
      guard let settings = report.instance?.tunnel else { return nil }
      return (
        node(settings.hostInterface, nil, settings.addresses?.host ?? []),
        node(settings.namespaceInterface, nil, settings.addresses?.namespace ?? [])
      )
    }
    return (
      node(tunnel.hostName, tunnel.host, tunnel.host?.addresses ?? []),
      node(tunnel.insideName, tunnel.inside, tunnel.inside?.addresses ?? [])
    )
  }

  private var services: Node? {
    let services = report.attached.filter { $0.unit.hasSuffix(".service") }
    guard !services.isEmpty else { return nil }
    let isOutside = services.contains { if case .outside = $0.place { true } else { false } }
    let lines = services.map { service -> String in
      let name = String(service.unit.dropLast(".service".count))
      if case .outside = service.place { return "\(name) (OUTSIDE)" }
      return service.active == "active" ? name : "\(name) (\(service.active))"
    }
    let isRunning = services.contains { $0.active == "active" }
    return Node(lines: lines, style: isOutside ? .bad : isRunning ? .good : .dim)
  }

  /// Of the encrypted way.
  private var wayStyle: Style {
    guard report.state == .up else { return .bad }
    guard report.isHandshakeKnown else { return .doubtful }
    return report.handshakeAge == nil ? .doubtful : .good
  }

  // MARK: drawing

  private mutating func draw() {
    let (wireGuard, pair, services) = (wireGuard, pair, services)
    let left = max(uplink.width, pair?.host.width ?? 0, 8) + 6
    let inner = max(wireGuard.width, pair?.inside.width ?? 0)
    let title = "namespace \"\(namespaceName)\""
    let right = max(
      inner + 6 + (services.map { $0.width + 6 } ?? 0), title.unicodeScalars.count + 4)
    let begin = left + 6
    let top = 5
    let first = top + 3
    let upper = max(uplink.height, wireGuard.height)
    let second = first + upper + 1
    let lower = max(pair?.host.height ?? 0, pair?.inside.height ?? 0)
    let listed = services.map { $0.height } ?? 0
    let bottom = max(second + lower, first + listed) + 1
    let middle = 3 + uplink.width / 2
    drawInternet(at: middle, down: first - 1)
    frame(0, top, left, bottom, "host", .plain)
    let isThere = report.observed.namespace?.isThere ?? false
    frame(begin, top, right, bottom, title, isThere ? .plain : .bad)
    draw(uplink, 3, first)
    draw(wireGuard, begin + 3, first)
    let way = first + 1
    drawing.add(
      .horizontal(
        x: 3 + uplink.width, y: way, length: begin - uplink.width, isDotted: true, wayStyle))
    if let pair {
      draw(pair.host, 3, second)
      draw(pair.inside, begin + 3, second)
      let isUp = pair.host.style == .good && pair.inside.style == .good
      drawing.add(
        .horizontal(
          x: 3 + pair.host.width, y: second + 1, length: begin - pair.host.width,
          isDotted: false, isUp ? .good : .bad))
    }
    guard let services else { return }
    let column = begin + 3 + inner + 6
    draw(services, column, first)
    drawing.add(
      .horizontal(
        x: begin + 3 + wireGuard.width, y: way, length: column - begin - 3 - wireGuard.width,
        isDotted: false, services.style))
  }

  private var namespaceName: String {
    let path = report.observed.namespace?.path.split(separator: "/").last.map(String.init)
    return path ?? report.instance?.namespaceName ?? report.name.text
  }

  private mutating func drawInternet(at middle: Int, down end: Int) {
    func centred(_ text: String, _ y: Int, _ style: Style) {
      let x = max(middle - text.unicodeScalars.count / 2, 0)
      drawing.add(.text(x: x, y: y, text, style))
    }
    centred("I N T E R N E T", 0, .bold)
    centred(report.endpoints.first ?? "no endpoint", 1, wayStyle)
    let handshake = ListRendering.handshake(report)
    centred("handshake \(handshake.text)", 2, handshake.style)
    drawing.add(.vertical(x: middle, y: 3, length: end - 2, isDotted: true, wayStyle))
  }

  private mutating func frame(
    _ x: Int, _ top: Int, _ width: Int, _ bottom: Int, _ title: String, _ style: Style
  ) {
    drawing.add(.box(x: x, y: top, width: width, height: bottom - top + 1, style))
    drawing.add(.text(x: x + 2, y: top + 1, title, .bold))
  }

  private mutating func draw(_ node: Node, _ x: Int, _ y: Int) {
    drawing.add(.box(x: x, y: y, width: node.width, height: node.height, node.style))
    for (index, line) in node.lines.enumerated() {
      drawing.add(.text(x: x + 2, y: y + 1 + index, line, node.style))
    }
  }
}
