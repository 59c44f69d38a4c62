internal import Netlink
internal import SystemCalls

/// How old handshakes are, whatever becomes of the clock meanwhile.
///
/// WireGuard tells the time of a handshake by the clock on the wall. When that is set, as at boot on
/// a machine without a battery, every handshake seems years old while the sessions go on. So each is
/// noted in seconds since boot when it is first seen, and counted from there.
struct HandshakeClock: Equatable, Sendable {
  /// The same moment on both clocks, in seconds.
  struct Moment: Equatable, Sendable {
    let since1970: Int64
    let sinceBoot: Int64

    static var now: Moment {
      Moment(since1970: secondsSince1970(), sinceBoot: secondsSinceBoot())
    }
  }

  /// A peer's last handshake, as WireGuard says and by the clock that never jumps.
  struct Sighting: Equatable, Sendable {
    let publicKey: [UInt8]
    let since1970: Int64
    let sinceBoot: Int64
  }

  var sightings: [Sighting] = []
  /// What the clock on the wall was ahead of the other by at the last look; nil before it.
  var offset: Int64?

  /// The age of the peer's last handshake in seconds, which is noted; nil before the first one.
  mutating func age(of peer: WireGuardDevice.Peer, at now: Moment) -> Int64? {
    guard let handshake = peer.lastHandshake else { return nil }
    let index = sightings.firstIndex { $0.publicKey == peer.publicKey }
    let earlier = index.map { sightings[$0] }
    if let earlier, earlier.since1970 == handshake { return now.sinceBoot - earlier.sinceBoot }
    let age = firstAge(of: handshake, after: earlier, at: now)
    let sighting = Sighting(
      publicKey: peer.publicKey, since1970: handshake, sinceBoot: now.sinceBoot - age)
    if let index { sightings[index] = sighting } else { sightings.append(sighting) }
    return age
  }

  /// By the present clock or, when it was set since the last look, by the one before: whichever can
  /// be, and of two the younger.
  private func firstAge(of handshake: Int64, after earlier: Sighting?, at now: Moment) -> Int64 {
    let longest = max(now.sinceBoot - (earlier?.sinceBoot ?? 0), 0)
    let ages = [now.since1970, offset.map { now.sinceBoot + $0 }].compactMap(\.self)
      .map { $0 - handshake }
    return ages.filter { (0...longest).contains($0) }.min() ?? max(now.since1970 - handshake, 0)
  }

  /// Forgets peers that are not among `peers`, and notes how the clocks stand.
  mutating func settle(_ peers: [WireGuardDevice.Peer], at now: Moment) {
    let known = Set(peers.map(\.publicKey))
    sightings.removeAll { !known.contains($0.publicKey) }
    let present = now.since1970 - now.sinceBoot
    // Clocks that are only kept right, adjtimex(2), drift by less.
    if offset.map({ abs(present - $0) > 2 }) ?? true { offset = present }
  }
}
