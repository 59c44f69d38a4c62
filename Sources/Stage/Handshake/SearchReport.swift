internal import SystemCalls

extension SoughtPeer {
  /// Why there is no handshake, as far as can be known from this side.
  var reason: String {
    guard let resolutionError else { return searchReason(trials) }
    return trials.isEmpty ? resolutionError : "\(searchReason(trials)); \(resolutionError)"
  }
}

/// What the trials tell; what came back from one address says more than the silence of another.
///
/// A WireGuard that is spoken to with a key it does not know stays as silent as a closed port. An
/// answer that does not fit comes of a preshared key, which goes into the answer alone.
func searchReason(_ trials: [SoughtPeer.Trial]) -> String {
  let answered = trials.filter { $0.seen == .packet }
  guard answered.isEmpty else {
    return
      "packets came back from \(list(answered)), but no handshake: the preshared key is not the"
      + " one that the provider has, or one of the keys is not"
  }
  let reachable = trials.filter(\.hasRoute)
  guard !reachable.isEmpty else {
    return "there is no route to \(list(trials)); is the host offline?"
  }
  let refused = reachable.compactMap { trial -> String? in
    guard case .unreachable(let router)? = trial.seen else { return nil }
    return "\(router) says that \(trial.address) cannot be reached"
  }
  guard refused.isEmpty else {
    return "\(refused.joined(separator: ", ")): wrong address or port, or a firewall"
  }
  return "nothing came back from \(list(reachable)): wrong endpoint or port, a firewall on the way,"
    + " or keys that the provider does not know"
}

private func list(_ trials: [SoughtPeer.Trial]) -> String {
  trials.map(\.address.description).joined(separator: ", ")
}
