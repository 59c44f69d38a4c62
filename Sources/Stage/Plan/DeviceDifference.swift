internal import Netlink
internal import SystemCalls

/// What to change of a WireGuard interface's keys, port, mark and peers; pure.
///
/// A peer that stays is never taken away and added again: its session would end.
struct DeviceDifference {
  /// Nil when nothing is to change.
  let configuration: WireGuardConfiguration?
  /// The same in words, without a secret.
  let changes: [String]

  init(from present: WireGuardDevice, to wanted: WireGuardConfiguration) {
    var configuration = WireGuardConfiguration(interface: wanted.interface)
    var changes: [String] = []
    if let key = wanted.privateKey, curve25519PublicKey(of: key) != present.publicKey {
      configuration.privateKey = key
      changes.append("private key, so a new handshake follows")
    }
    // Without one in the file any port will do, the present one, too.
    if let port = wanted.listenPort, port != present.listenPort {
      configuration.listenPort = port
      changes.append("listen port \(present.listenPort)→\(port)")
    }
    let mark = wanted.fwMark ?? 0
    if mark != present.fwMark {
      configuration.fwMark = mark
      changes.append("mark \(hexadecimal(present.fwMark))→\(hexadecimal(mark))")
    }
    let peers = PeersDifference(from: present.peers, to: wanted.peers)
    configuration.peers = peers.operations
    changes += peers.changes
    self.configuration = changes.isEmpty ? nil : configuration
    self.changes = changes
  }
}

private func hexadecimal(_ number: UInt32) -> String { "0x" + String(number, radix: 16) }

/// What to change of the peers, and in words.
private struct PeersDifference {
  private(set) var operations: [WireGuardConfiguration.Peer] = []
  private(set) var changes: [String] = []

  init(from present: [WireGuardDevice.Peer], to wanted: [WireGuardConfiguration.Peer]) {
    let old = present.byKey
    let new = Set(wanted.map(\.publicKey))
    var added = 0
    var details: [PeerDifference] = []
    for peer in wanted {
      guard let before = old[peer.publicKey] else {
        added += 1
        operations.append(peer)
        continue
      }
      let difference = PeerDifference(from: before, to: peer)
      guard !difference.changes.isEmpty else { continue }
      operations.append(difference.peer)
      details.append(difference)
    }
    // Last: what a peer that goes was allowed may have moved to another by now.
    let removed = present.map(\.publicKey).filter { !new.contains($0) }
    operations += removed.map { .init(publicKey: $0, remove: true) }
    if added > 0 { changes.append("\(count(added)) added") }
    if !removed.isEmpty { changes.append("\(count(removed.count)) removed") }
    if !details.isEmpty { changes.append(describe(details)) }
  }

  private func count(_ number: Int) -> String { "\(number) peer\(number == 1 ? "" : "s")" }

  private func describe(_ details: [PeerDifference]) -> String {
    var words: [String] = []
    for change in details.flatMap(\.changes) {
      let word = details.count == 1 ? change.words : change.what
      if !words.contains(word) { words.append(word) }
    }
    return "\(count(details.count)) changed (\(words.joined(separator: ", ")))"
  }
}

/// What to change of a peer that stays.
private struct PeerDifference {
  struct Change {
    let what: String
    /// Nil when that is a secret.
    let value: String?

    init(_ what: String, _ value: String? = nil) {
      self.what = what
      self.value = value
    }

    var words: String { value.map { "\(what) \($0)" } ?? what }
  }

  let peer: WireGuardConfiguration.Peer
  let changes: [Change]

  init(from present: WireGuardDevice.Peer, to wanted: WireGuardConfiguration.Peer) {
    var peer = WireGuardConfiguration.Peer(publicKey: wanted.publicKey, updateOnly: true)
    var changes: [Change] = []
    if wanted.presharedKey != present.presharedKey {
      // Zeros take it away; linux/wireguard.h.
      peer.presharedKey = wanted.presharedKey ?? [UInt8](repeating: 0, count: 32)
      changes.append(Change("preshared key"))
    }
    // WireGuard cannot forget one, only learn another.
    if let endpoint = wanted.endpoint, endpoint != present.endpoint {
      peer.endpoint = endpoint
      let before = present.endpoint?.description ?? "none"
      changes.append(Change("endpoint", "\(before)→\(endpoint)"))
    }
    let keepalive = wanted.persistentKeepalive ?? 0
    if keepalive != present.persistentKeepalive {
      peer.persistentKeepalive = keepalive
      changes.append(Change("keepalive", "\(present.persistentKeepalive)→\(keepalive) s"))
    }
    let allowed = ListDifference(from: present.allowedIPs, to: wanted.allowedIPs)
    if let words = allowed.words {
      // Only to take some away they are all replaced: wireguard-go has none for a moment then.
      peer.replaceAllowedIPs = !allowed.removed.isEmpty
      peer.allowedIPs = peer.replaceAllowedIPs ? wanted.allowedIPs : allowed.added
      changes.append(Change("allowed addresses", words))
    }
    self.peer = peer
    self.changes = changes
  }
}
