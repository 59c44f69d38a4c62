import SystemCalls

@testable import GeneratorCore

/// The least that a provider's file must say: eight lines.
let minimalProviderFile = """
  [Interface]
  PrivateKey = \(TestKeys.privateKey)
  Address = 10.64.0.2/32

  [Peer]
  PublicKey = \(TestKeys.publicKey)
  Endpoint = 192.0.2.1:51820
  AllowedIPs = 0.0.0.0/0, ::/0

  """

extension Instance {
  /// Everything but the keys, a line each; what was left out has no line.
  var summary: [String] {
    var lines = ["namespace \(namespaceName)", "interface \(wireGuard.interfaceName)"]
    switch wireGuard.privateKey {
    case .inline: break
    case .file(let path): lines.append("private key in \(path)")
    case .encryptedCredential(let source): lines.append("private key from \(source)")
    }
    lines += wireGuard.addresses.map { "address \($0)" }
    lines += wireGuard.dns.map { entry in
      switch entry {
      case .server(let address): "name server \(address)"
      case .searchDomain(let domain): "search domain \(domain)"
      }
    }
    if let mtu = wireGuard.mtu { lines.append("MTU \(mtu)") }
    if wireGuard.mtuProbe != .off { lines.append("MTU probe \(wireGuard.mtuProbe)") }
    if let port = wireGuard.listenPort { lines.append("listen port \(port)") }
    if let mark = wireGuard.fwMark { lines.append("mark \(mark)") }
    switch wireGuard.routeTable {
    case .automatic: break
    case .off: lines.append("no routes")
    case .number(let number): lines.append("table \(number)")
    }
    if wireGuard.userspaceProgram != "wireguard-go" {
      lines.append("program \(wireGuard.userspaceProgram)")
    }
    if wireGuard.onlineTimeout != 60 {
      lines.append("online within \(wireGuard.onlineTimeout)")
    }
    if wireGuard.hasHealthCheck { lines.append("health check") }
    lines += wireGuard.peers.map(\.summary)
    lines += tunnel?.summary ?? ["no tunnel"]
    lines += publications.map { "publish \($0.listen) from \($0.innerPort)" }
    lines += confinement.units.map { "inside \($0)" }
    if confinement.reachesDBus { lines.append("D-Bus inside") }
    if autostart { lines.append("autostart") }
    return lines
  }
}

extension WireGuardPeer {
  var summary: String {
    var words = ["peer", endpoint?.description ?? "anywhere"]
    words += allowedIPs.map(\.description)
    if presharedKey != nil { words.append("preshared") }
    if persistentKeepalive != 0 { words.append("keepalive \(persistentKeepalive)") }
    return words.joined(separator: " ")
  }
}

extension TunnelSettings {
  fileprivate var summary: [String] {
    ["tunnel \(hostInterface) \(namespaceInterface)"]
      + (addresses.map { ends in
        let host = ends.host.map(\.description).joined(separator: " ")
        let inner = ends.namespace.map(\.description).joined(separator: " ")
        return ["tunnel addresses \(host) - \(inner)"]
      } ?? [])
      + portForwards.map {
        "forward \($0.interface):\($0.port)/\($0.transport.rawValue) to \($0.innerPort)"
      }
  }
}
