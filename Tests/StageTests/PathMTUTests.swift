import SystemCalls
import Testing

@testable import Stage

@Suite struct PathMTUTests {
  @Test func overheadIsOuterHeaderUDPAndWireGuard() {
    #expect(PathMTU.overhead(.ipv4) == 20 + 8 + 32)
    #expect(PathMTU.overhead(.ipv6) == 40 + 8 + 32)
  }

  @Test(
    arguments: [
      // What fits inside, IPv6 wanted, MTU.
      (1440, true, 1440), (1420, true, 1408), (1432, false, 1424), (1279, true, 1280),
      (1279, false, 1264), (100, false, 576), (65475, true, 65472),
    ] as [(UInt32, Bool, UInt32)])
  func isPaddedAndNotTooSmall(inner: UInt32, hasIPv6: Bool, expected: UInt32) {
    #expect(PathMTU.automatic(inner: inner, hasIPv6: hasIPv6) == expected)
  }

  @Test func withoutARouteItIsWhatWgQuickAssumes() {
    #expect(PathMTU.automatic(inner: nil, hasIPv6: true) == 1420)
  }
}
