import SystemCalls
import Testing

@testable import Stage

@Suite struct MTUSearchTests {
  @Test(
    arguments: [
      (1440, 576, 1440, 55), (1420, 576, 1420, 54), (1280, 576, 1280, 45), (576, 576, 576, 1),
      (580, 576, 580, 2),
    ] as [(UInt32, UInt32, UInt32, Int)])
  func sizesAreWhatWireGuardPadsTo(mtu: UInt32, first: UInt32, last: UInt32, count: Int) {
    let sizes = MTUSearch.sizes(upTo: mtu)
    #expect(sizes.first == first && sizes.last == last && sizes.count == count)
    #expect(sizes.dropLast().allSatisfy { $0 % 16 == 0 } && sizes == sizes.sorted())
  }

  @Test func belowTheSmallestThereIsNone() {
    #expect(MTUSearch.sizes(upTo: 575) == [])
    #expect(MTUSearch.largest(of: []) { _ in true } == nil)
  }

  /// Whatever the path takes, that is found, in few tries.
  @Test(arguments: [1440, 1420, 1408] as [UInt32])
  func findsTheLargest(mtu: UInt32) {
    let sizes = MTUSearch.sizes(upTo: mtu)
    for limit in UInt32(560)...1500 {
      var tries = 0
      let found = MTUSearch.largest(of: sizes) { (size) throws(Never) in
        tries += 1
        return size <= limit
      }
      #expect(found == sizes.last { $0 <= limit })
      #expect(tries <= 7)
    }
  }

  @Test func countersAreFoundByTheirNames() {
    let ipv4 = """
      Ip: Forwarding ReasmReqds FragOKs FragCreates
      Ip: 1 3 5 7
      Icmp: InMsgs ReasmReqds
      Icmp: 100 200

      """
    let ipv6 = "Ip6ReasmReqds                   \t10\nIp6FragCreates                  \t20\n"
    let both = FragmentCounters(ipv4: ipv4, ipv6: ipv6)
    #expect(both.received == 13 && both.made == 27)
    let none = FragmentCounters(ipv4: "", ipv6: "")
    #expect(none.received == 0 && none.made == 0)
  }

  /// The kernel has them, or nothing would ever be seen to be fragmented.
  @Test func kernelHasThem() throws {
    let text = String(decoding: try readFile("/proc/net/snmp", limit: 65536), as: UTF8.self)
    #expect(text.contains(" ReasmReqds ") && text.contains(" FragCreates"))
    _ = try FragmentCounters()
  }

  /// The example of RFC 1071, and one with an odd byte.
  @Test func checksum() {
    #expect(internetChecksum([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]) == ~0xddf2)
    #expect(internetChecksum([0xff]) == ~0xff00)
  }
}
