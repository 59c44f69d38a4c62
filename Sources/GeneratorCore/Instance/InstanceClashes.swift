internal import SystemCalls

/// Finds what two instances cannot both have.
///
/// The earlier name keeps it, the later one is refused, and the message names both files: so a
/// file that is added can be refused, but adding it never takes anything from an earlier name.
struct InstanceClashes {
  private var namespaces: [String: Instance] = [:]
  private var hostInterfaces: [String: Instance] = [:]
  private var listenPorts: [UInt16: Instance] = [:]
  private var privateKeys: [[UInt8]: Instance] = [:]
  private var publications: [SocketAddress: Instance] = [:]
  private var forwardedPorts: [String: Instance] = [:]
  /// Explicit networks of tunnels, which are on the host, too.
  private var tunnelNetworks: [(prefix: IPPrefix, owner: Instance)] = []

  /// What `instance` takes that an earlier one has; and takes note of what it has itself.
  mutating func check(_ instance: Instance) -> [Diagnostic] {
    var found: [Diagnostic] = []
    func refuse(_ what: String, _ other: Instance, _ remedy: String) {
      found.append(
        Diagnostic(
          .error, SourceLocation(instance.path),
          "\(what) is also that of \(other.path), which comes first; \(remedy)"))
    }
    if let other = namespaces[instance.namespaceName] {
      refuse("the namespace '\(instance.namespaceName)'", other, "choose another name")
    }
    if let name = instance.tunnel?.hostInterface, let other = hostInterfaces[name] {
      refuse("the interface '\(name)' on the host", other, "choose another name")
    }
    if let port = instance.fixedListenPort, let other = listenPorts[port] {
      refuse("the listen port \(port)", other, "choose another port, or leave it out")
    }
    for listen in instance.publications.map(\.listen) {
      guard let other = publications[listen] else { continue }
      refuse("the published address \(listen)", other, "choose another port")
    }
    for port in instance.forwardedPorts {
      guard let other = forwardedPorts[port] else { continue }
      refuse("the forwarded port \(port)", other, "choose another port")
    }
    for prefix in instance.explicitTunnelAddresses {
      guard let other = tunnelNetworks.first(where: { $0.prefix.overlaps(prefix) }) else {
        continue
      }
      refuse(
        "the tunnel's network \(prefix.network), which overlaps \(other.prefix.network),",
        other.owner, "choose another network, or leave the tunnel's addresses out")
    }
    if let key = instance.inlinePrivateKey, let other = privateKeys[key.bytes] {
      // A provider lets only one of them in at a time, but which is the user's business.
      found.append(
        Diagnostic(
          .warning, SourceLocation(instance.path),
          "the private key is also that of \(other.path); if both run, a server keeps only"
            + " the one that came last connected"))
    }
    if found.allSatisfy({ !$0.isError }) { note(instance) }
    return found
  }

  private mutating func note(_ instance: Instance) {
    namespaces[instance.namespaceName] = instance
    if let name = instance.tunnel?.hostInterface { hostInterfaces[name] = instance }
    if let port = instance.fixedListenPort { listenPorts[port] = instance }
    if let key = instance.inlinePrivateKey, privateKeys[key.bytes] == nil {
      privateKeys[key.bytes] = instance
    }
    for publication in instance.publications { publications[publication.listen] = instance }
    for port in instance.forwardedPorts { forwardedPorts[port] = instance }
    tunnelNetworks += instance.explicitTunnelAddresses.map { ($0, instance) }
  }
}

extension Instance {
  /// Nil for a port that the kernel chooses.
  fileprivate var fixedListenPort: UInt16? { wireGuard.listenPort.flatMap { $0 == 0 ? nil : $0 } }

  fileprivate var inlinePrivateKey: WireGuardKey? {
    if case .inline(let key) = wireGuard.privateKey { key } else { nil }
  }

  fileprivate var forwardedPorts: [String] {
    (tunnel?.portForwards ?? []).map(\.arrival)
  }

  fileprivate var explicitTunnelAddresses: [IPPrefix] { tunnel?.addresses?.host ?? [] }
}
