internal import SystemCalls

// The rules of the far ends.
extension InstanceValidator {
  /// The peers that are complete; `diagnostics` names what the others lack.
  mutating func validatePeers() -> [WireGuardPeer] {
    // An environment file has one peer, even if no key of it is there.
    let configs = config.form == .environment ? [config.peer] : config.peers
    guard !configs.isEmpty else {
      fail("there is no [Peer]: the provider's server is missing")
      return []
    }
    checkOwnKeys(configs)
    checkRepeatedKeys(configs)
    checkAllowedIPs(configs)
    let peers = configs.compactMap { validate($0) }
    let hasEndpoint = configs.contains { $0.endpoint != nil }
    // A peer without an endpoint can only call us, and we have to be the one who calls.
    if !hasEndpoint, let first = configs.first {
      let refused = configs.flatMap(\.refusedKeys)
      _ = require(first.endpoint, .peer("Endpoint"), unless: refused, at: first.location)
    }
    return peers
  }

  private mutating func validate(_ peer: PeerConfig) -> WireGuardPeer? {
    let publicKey = require(
      peer.publicKey, .peer("PublicKey"), unless: peer.refusedKeys, at: peer.location)
    // wg(8) allows nothing to a peer without AllowedIPs; the original's default was everything.
    let fallback = config.form == .environment ? everything : []
    if let location = peer.location, peer.allowedIPs == nil,
      !peer.refusedKeys.contains(.peer("AllowedIPs"))
    {
      warn("no \(label(.peer("AllowedIPs"))): no packet may go to this peer", at: location)
    }
    guard let publicKey else { return nil }
    let allowedIPs = NetworkSet.unique(peer.allowedIPs?.value.map(\.value.network) ?? fallback)
    return WireGuardPeer(
      publicKey: publicKey, presharedKey: peer.presharedKey?.value ?? nil,
      endpoint: peer.endpoint?.value, allowedIPs: allowedIPs,
      persistentKeepalive: peer.persistentKeepalive?.value ?? 0)
  }

  /// WireGuard leaves out a peer that has our own key, without a word.
  ///
  /// A private key in another file is not read here; the stage looks at it when it has it.
  private mutating func checkOwnKeys(_ peers: [PeerConfig]) {
    let publicKeys = peers.compactMap(\.publicKey)
    guard let privateKey = config.privateKey, !publicKeys.isEmpty else { return }
    let ownPublicKey = privateKey.value.publicKey
    for publicKey in publicKeys {
      let problem: String
      switch publicKey.value {
      case privateKey.value: problem = "is the same as \(privateKey.key)="
      case ownPublicKey: problem = "is our own public key, made from \(privateKey.key)="
      default: continue
      }
      fail(
        "\(publicKey.key)=: the value \(problem); allowed: the public key of the provider's server",
        at: publicKey.location)
    }
  }

  /// The kernel would take both for one peer, with the settings of the second.
  private mutating func checkRepeatedKeys(_ peers: [PeerConfig]) {
    guard peers.count > 1 else { return }
    var lines: [WireGuardKey: Int] = [:]
    for publicKey in peers.compactMap(\.publicKey) {
      if let line = lines[publicKey.value] {
        fail(
          "\(publicKey.key)=: two peers have this key, the other one in line \(line);"
            + " join them, or correct one",
          at: publicKey.location)
      }
      lines[publicKey.value] = publicKey.location.line
    }
  }

  /// Of two peers that claim a network the kernel gives it to the last, without a word.
  private mutating func checkAllowedIPs(_ peers: [PeerConfig]) {
    var owners: [IPPrefix: Int] = [:]
    for (index, peer) in peers.enumerated() {
      for item in peer.allowedIPs?.value ?? [] {
        let network = item.value.network
        if item.value != network {
          warn(
            "\(item.key)=: '\(item.value)' has bits beyond its prefix length; taking it as \(network)",
            at: item.location)
        }
        guard peers.count > 1 else { continue }
        if let owner = owners[network], owner != index {
          warn(
            "\(item.key)=: '\(network)' is also claimed by an earlier peer, which loses it to this"
              + " one",
            at: item.location)
        }
        owners[network] = index
      }
    }
  }
}

/// Every address of both families: the default for AllowedIPs.
private let everything: [IPPrefix] = ["0.0.0.0", "::"].compactMap { text in
  IPAddress(text).flatMap { IPPrefix($0, length: 0) }
}
