internal import SystemCalls

/// Finds what two instances cannot both have.
///
/// The earlier name keeps it, the later one is refused, and the message names both places: so a
/// file that is added can be refused, but adding it never takes anything from an earlier name.
struct InstanceClashes {
  private var namespaces: [String: Claim] = [:]
  private var hostInterfaces: [String: Claim] = [:]
  private var listenPorts: [String: Claim] = [:]
  private var privateKeys: [WireGuardKey: Claim] = [:]
  private var publications: [String: Claim] = [:]
  private var forwardedPorts: [String: Claim] = [:]
  /// Explicit networks of tunnels, which are on the host, too.
  private var tunnelNetworks: [(prefix: IPPrefix, claim: Claim)] = []

  /// What an instance claims that an earlier one has; and takes note of what it has itself.
  mutating func check(_ claims: Claims) -> [Diagnostic] {
    let found = findClashes(claims)
    if found.allSatisfy({ !$0.isError }) { note(claims) }
    return found
  }

  private func findClashes(_ claims: Claims) -> [Diagnostic] {
    var found: [Diagnostic] = []
    func compare(
      _ claim: Claim?, with earlier: [String: Claim], _ what: String, allowed: String
    ) {
      guard let claim, let other = earlier[claim.value] else { return }
      found.append(
        claim.refusal(
          "is also the \(what) of \(other.place), which comes first; allowed: \(allowed)"))
    }
    compare(
      claims.namespace, with: namespaces, "namespace", allowed: "a name that no other file has")
    compare(
      claims.hostInterface, with: hostInterfaces, "interface on the host",
      allowed: "a name that no other file has")
    compare(
      claims.listenPort, with: listenPorts, "listen port",
      allowed: "a port that no other file has, or 0 for any")
    for claim in claims.publications {
      compare(
        claim, with: publications, "published address",
        allowed: "an address and port that no other file has")
    }
    for claim in claims.forwardedPorts {
      compare(
        claim, with: forwardedPorts, "forwarded port", allowed: "a port that no other file has")
    }
    for (prefix, claim) in claims.tunnelNetworks {
      guard let (network, other) = tunnelNetworks.first(where: { $0.prefix.overlaps(prefix) })
      else { continue }
      found.append(
        claim.refusal(
          "is in \(prefix.network), which overlaps \(network.network), the tunnel's network of"
            + " \(other.place), which comes first; allowed: a network that no other file has, or no"
            + " addresses for either end"))
    }
    if let (key, claim) = claims.privateKey, let other = privateKeys[key] {
      // A provider lets only one of them in at a time, but which is the user's business.
      found.append(
        Diagnostic(
          .warning, claim.location,
          "\(claim.key): the value is also the private key of \(other.place), which comes first;"
            + " allowed: a key for each VPN; if both run, a server keeps only the one that came"
            + " last connected"))
    }
    return found
  }

  private mutating func note(_ claims: Claims) {
    namespaces[claims.namespace.value] = claims.namespace
    if let interface = claims.hostInterface { hostInterfaces[interface.value] = interface }
    if let port = claims.listenPort { listenPorts[port.value] = port }
    if let (key, claim) = claims.privateKey, privateKeys[key] == nil {
      privateKeys[key] = claim
    }
    for claim in claims.publications { publications[claim.value] = claim }
    for claim in claims.forwardedPorts { forwardedPorts[claim.value] = claim }
    tunnelNetworks += claims.tunnelNetworks
  }
}
