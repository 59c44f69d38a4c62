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

  /// The ages of the peers' last handshakes in seconds, by public keys, which are noted; without
  /// those that had none.
  mutating func ages(
    of peers: [WireGuardDevice.Peer], at now: Moment
  ) -> [[UInt8]: Int64] {
    // There can be thousands: no looking for each among all.
    let places = Dictionary(
      sightings.enumerated().map { ($0.element.publicKey, $0.offset) }
    ) { first, _ in first }
    var ages: [[UInt8]: Int64] = [:]
    for peer in peers {
      guard let handshake = peer.lastHandshake else { continue }
      let place = places[peer.publicKey]
      let earlier = place.map { sightings[$0] }
      if let earlier, earlier.since1970 == handshake {
        ages[peer.publicKey] = now.sinceBoot - earlier.sinceBoot
        continue
      }
      let age = firstAge(of: handshake, after: earlier, at: now)
      let sighting = Sighting(
        publicKey: peer.publicKey, since1970: handshake, sinceBoot: now.sinceBoot - age)
      if let place { sightings[place] = sighting } else { sightings.append(sighting) }
      ages[peer.publicKey] = age
    }
    return ages
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
