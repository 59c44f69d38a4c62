internal import GeneratorCore
internal import Netlink
internal import SystemCalls

/// A peer that may have to be looked for: where, and what came of that.
struct SoughtPeer {
  /// How old a handshake may be, in seconds: a session is renewed after 120 by whoever sends, and
  /// ends after 180 (`REKEY_AFTER_TIME`, `REJECT_AFTER_TIME`), so later the peer is silent or idle.
  static let freshness: Int64 = 135

  let configured: ConfiguredEndpoint
  let endpoint: Endpoint
  /// Of the last handshake when it was looked at first, in seconds; nil before any.
  let age: Int64?
  /// When that was, in seconds since 1970.
  private let before: Int64?
  /// Bytes; of packets that were the peer's beyond doubt.
  private let receivedBefore: UInt64
  /// Whether there is a recent handshake, or a session that is alive.
  private(set) var isAnswering: Bool
  /// Whether that came about while it was looked for, and at another address than before.
  private(set) var hasNewHandshake = false
  private(set) var hasMoved = false
  /// Where packets went at first.
  private let origin: SocketAddress?
  /// Where packets to it go now; nil while its name is not resolved.
  private(set) var address: SocketAddress?
  /// Nil before the first look for them.
  private(set) var candidates: [SocketAddress]?
  private(set) var untried: [SocketAddress] = []
  /// Why its name has no address.
  private(set) var resolutionError: String?
  /// What came back from `address`.
  private(set) var watch: ArrivalWatch?
  private(set) var trials: [Trial] = []

  /// An address that was tried.
  struct Trial: Equatable {
    let address: SocketAddress
    let hasRoute: Bool
    var seen: Arrival?
  }

  /// Nil for a peer whose place is not configured.
  init?(_ configured: ConfiguredEndpoint, _ present: WireGuardDevice.Peer, age: Int64?) {
    guard let endpoint = try? Endpoint(parsing: configured.text) else { return nil }
    self.configured = configured
    self.endpoint = endpoint
    self.age = age
    before = present.lastHandshake
    receivedBefore = present.receivedBytes
    isAnswering = age.map { $0 <= Self.freshness } ?? false
    address = present.endpoint
    origin = present.endpoint
  }

  /// Notes what WireGuard and the watch say now.
  mutating func update(_ present: WireGuardDevice.Peer?) {
    watch?.look()
    if let seen = watch?.seen, let index = trials.firstIndex(where: { $0.address == address }),
      trials[index].seen != .packet
    {
      trials[index].seen = seen
    }
    guard let present else { return }
    let hasNewHandshake = present.lastHandshake != nil && present.lastHandshake != before
    // A session may outlive what tells its age: what decrypts is an answer, too.
    guard hasNewHandshake || (before != nil && present.receivedBytes > receivedBefore) else {
      return
    }
    isAnswering = true
    self.hasNewHandshake = hasNewHandshake
    address = present.endpoint
    hasMoved = address != origin
  }

  /// Takes what the lookup of its endpoint gave: all but the present address are to be tried.
  mutating func take(_ found: Result<[SocketAddress], ResolutionError>) {
    switch found {
    case .success(let addresses):
      resolutionError = nil
      candidates = addresses
      untried = addresses.filter { $0 != address }
    case .failure(let error):
      resolutionError = error.description
      untried = []
    }
  }

  /// Goes to the next address that was not tried; nil after the last.
  mutating func takeNextAddress() -> SocketAddress? {
    guard !untried.isEmpty else { return nil }
    address = untried.removeFirst()
    return address
  }

  /// Goes back to the best address after all were tried.
  mutating func startOver() {
    if let best = candidates?.first { address = best }
    candidates = nil
  }

  /// Begins a trial of the present address; watching takes a privilege, without which the search
  /// goes on and knows less.
  mutating func beginTrial(hasRoute: Bool, isWatched: Bool) {
    guard let address else { return }
    watch = isWatched ? try? ArrivalWatch(address) : nil
    let earlier = trials.first { $0.address == address }
    trials.removeAll { $0.address == address }
    trials.append(Trial(address: address, hasRoute: hasRoute, seen: earlier?.seen))
  }

  /// Takes over what an earlier search for the same peer has seen, if at the same endpoint.
  mutating func inherit(from earlier: SoughtPeer?) {
    trials = earlier.flatMap { $0.configured == configured ? $0.trials : nil } ?? []
  }
}

extension SoughtPeer: CustomStringConvertible {
  /// Where it is, and by which name.
  var description: String {
    guard let address else { return "\(endpoint)" }
    let name = endpoint.isName ? "\(address) (\(endpoint))" : "\(address)"
    return origin.map { hasMoved ? "\(name), before at \($0)" : name } ?? name
  }
}
