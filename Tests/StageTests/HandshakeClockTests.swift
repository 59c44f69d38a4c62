import Netlink
import Testing

@testable import Stage

/// The wall's clock is set while the one that counts since boot goes on.
@Suite struct HandshakeClockTests {
  private static let start: Int64 = 1_700_000_000

  private static func peer(_ handshake: Int64?, key: UInt8 = 1) -> WireGuardDevice.Peer {
    .init(publicKey: [UInt8](repeating: key, count: 32), lastHandshake: handshake)
  }

  /// A look, and the age that is to come of it.
  struct Look: Sendable {
    let wall: Int64
    let boot: Int64
    let handshake: Int64?
    let age: Int64?

    init(_ wall: Int64, _ boot: Int64, _ handshake: Int64?, is age: Int64?) {
      (self.wall, self.boot, self.handshake, self.age) = (wall, boot, handshake, age)
    }
  }

  @Test(
    arguments: [
      // Nothing happens to the clock.
      [.init(0, 100, nil, is: nil), .init(10, 110, 7, is: 3), .init(200, 300, 7, is: 193)],
      // It is set forward by a year after the handshake was seen, and back again.
      [
        .init(0, 100, -5, is: 5), .init(31_536_000, 110, -5, is: 15), .init(20, 120, -5, is: 25),
      ],
      // A new handshake, and then the clock is set, between two looks.
      [.init(0, 100, -5, is: 5), .init(31_536_030, 130, 20, is: 10)],
      // The clock is set, and then a new handshake follows, between two looks.
      [.init(0, 100, -5, is: 5), .init(31_536_030, 130, 31_536_020, is: 10)],
      // The machine sleeps for an hour: both clocks go on.
      [.init(0, 100, -5, is: 5), .init(3600, 3700, -5, is: 3605)],
      // What is noted is nonsense.
      [.init(0, 1000, -5, is: 5), .init(0, 100, -3, is: 3)],
      // At the first look the clock is behind: no older than it can be.
      [.init(-500, 100, 0, is: 0), .init(-380, 220, 0, is: 120)],
    ] as [[Look]])
  func ages(_ looks: [Look]) {
    var clock = HandshakeClock()
    for look in looks {
      let peer = Self.peer(look.handshake.map { Self.start + $0 })
      let now = HandshakeClock.Moment(since1970: Self.start + look.wall, sinceBoot: look.boot)
      #expect(clock.ages(of: [peer], at: now)[peer.publicKey] == look.age)
      clock.settle([peer], at: now)
    }
  }

  @Test func aPeerThatIsGoneIsForgotten() {
    var clock = HandshakeClock()
    let now = HandshakeClock.Moment(since1970: Self.start, sinceBoot: 100)
    let peers = [Self.peer(Self.start, key: 1), Self.peer(Self.start, key: 2)]
    _ = clock.ages(of: peers, at: now)
    clock.settle([peers[1]], at: now)
    #expect(clock.sightings.map(\.publicKey) == [peers[1].publicKey])
  }

  /// Nothing new is nothing to write down.
  @Test func aSecondLookChangesNothing() {
    var clock = HandshakeClock()
    for second in [Int64(0), 30, 60] {
      let now = HandshakeClock.Moment(
        since1970: Self.start + second + second / 30, sinceBoot: 100 + second)
      let before = clock
      _ = clock.ages(of: [Self.peer(Self.start - 5)], at: now)
      clock.settle([Self.peer(Self.start - 5)], at: now)
      #expect(second == 0 || clock == before)
    }
  }
}
