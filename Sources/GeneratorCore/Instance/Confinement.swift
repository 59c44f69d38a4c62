package import SystemCalls

/// What of a file decides where services run; known even when the rest has faults.
///
/// A service that a file names must never run outside its VPN because of a fault elsewhere in it.
package struct Confinement: Equatable, Sendable {
  /// Below /run/netns.
  package let namespaceName: String
  /// Services and sockets, each once: those that the file names, and what belongs to them.
  package let units: [String]
  /// Whether the services may talk to the system's D-Bus, which can resolve names for them.
  package let reachesDBus: Bool

  init(_ config: Config, name: InstanceName) {
    namespaceName = config.namespaceName?.value ?? name.text
    var seen: Set<String> = []
    units =
      config.attachedUnits?.value.flatMap(\.value.confined)
      .filter { seen.insert($0).inserted } ?? []
    reachesDBus = config.attachDBus?.value ?? false
  }
}

/// One item of `ATTACH_UNITS=`.
package struct AttachedUnit: Equatable, Sendable {
  /// As the file has it.
  let text: String

  init(_ text: String) {
    self.text = text
  }

  /// What is wrong with the name; nil when nothing is.
  var fault: ValueFault? {
    let allowed = "names of services and sockets, like transmission-daemon.service"
    guard !isOurs(text) else { return ValueFault("is a unit of the VPN itself", allowed: allowed) }
    guard isName(text) else { return ValueFault("is not a unit", allowed: allowed) }
    guard !isPrefix(text) else {
      return ValueFault("stands for every unit whose name begins so", allowed: allowed)
    }
    if text.hasSuffix(".service") || text.hasSuffix(".socket") { return nil }
    guard let type = unitTypes.first(where: text.hasSuffix) else {
      return ValueFault("is not a unit; did you mean \(text).service?", allowed: allowed)
    }
    let article = type == ".automount" ? "an" : "a"
    return ValueFault(
      "is \(article) \(type.dropFirst()), which has no network to confine", allowed: allowed)
  }

  /// The units to confine by this item: a socket and its service always go together, or one of the
  /// two would talk to the host's network.
  ///
  /// A name that lacks its suffix is refused, but what it most likely means is confined.
  var confined: [String] {
    guard isName(text), !isPrefix(text), !isOurs(text) else { return [] }
    if let stem = text.without(suffix: ".service") { return [text, "\(stem).socket"] }
    if let stem = text.without(suffix: ".socket") {
      // With Accept=yes each connection gets an instance of a template, systemd.socket(5).
      let isTemplate = stem.utf8.contains(UInt8(ascii: "@"))
      return [text, "\(stem).service"] + (isTemplate ? [] : ["\(stem)@.service"])
    }
    return unitTypes.contains(where: text.hasSuffix) ? [] : ["\(text).service", "\(text).socket"]
  }
}

/// The characters of a unit's name, systemd.unit(5), and a length that leaves room for `.d`.
private func isName(_ text: String) -> Bool {
  (1...200).contains(text.utf8.count)
    && text.utf8.allSatisfy {
      $0.isLetter || $0.isDigit || $0 == .backslash || ":-_.@".utf8.contains($0)
    }
    && text.utf8.first != UInt8(ascii: ".") && text.utf8.first != UInt8(ascii: "@")
    // It becomes a directory's name, which everybody may read.
    && !holdsKey(text)
}

/// Whether systemd reads drop-ins of this name for other units, systemd.unit(5): those of `a-.service`
/// are for `a-b.service`, too.
private func isPrefix(_ text: String) -> Bool {
  let stem = text.without(suffix: ".service") ?? text.without(suffix: ".socket") ?? text
  return stem.prefix { $0 != "@" }.hasSuffix("-")
}

private func isOurs(_ text: String) -> Bool { text.hasPrefix(packageName) }

/// The types that have no process of their own, systemd.unit(5).
private let unitTypes = [
  ".target", ".mount", ".automount", ".swap", ".device", ".timer", ".path", ".slice", ".scope",
]

extension String {
  fileprivate func without(suffix: String) -> String? {
    hasSuffix(suffix) && utf8.count > suffix.utf8.count
      ? String(dropLast(suffix.count)) : nil
  }
}

/// A listening socket on the host whose connections end inside; one item of `PUBLISH=`.
///
/// Prints as the item that it was read from.
package struct Publication: Equatable, Sendable, CustomStringConvertible {
  /// On the host.
  package let listen: SocketAddress
  /// Of 127.0.0.1 inside.
  package let innerPort: UInt16

  package var description: String { "\(listen):\(innerPort)" }
}

/// A port of an interface of the host that leads inside; one item of `TUNNEL_PORT_FORWARDS=`.
package struct PortForward: Equatable, Sendable {
  package enum Transport: String, Sendable { case tcp, udp }

  package let interface: String
  package let port: UInt16
  /// Of the namespace's end of the tunnel.
  package let innerPort: UInt16
  package let transport: Transport

  /// Where packets come from that are forwarded, as in the file.
  var arrival: String { "\(interface):\(port)/\(transport.rawValue)" }
}
