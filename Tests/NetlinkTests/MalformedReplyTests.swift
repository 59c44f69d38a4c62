import Netlink
import Testing

/// Every reply the kernel could send, whole, cut short or damaged, is read or refused: a test that
/// ends at all has passed.
@Suite struct MalformedReplyTests {
  /// A frame and what reads it.
  struct Sampled: CustomTestStringConvertible {
    let testDescription: String
    let frame: [UInt8]
    let read: @Sendable (NetlinkReply) throws -> Void

    init(_ name: String, _ frame: [UInt8], read: @escaping @Sendable (NetlinkReply) throws -> Void)
    {
      testDescription = name
      self.frame = frame
      self.read = read
    }
  }

  static let samples = [
    Sampled("veth", Sample.veth) { _ = try Link($0) },
    Sampled("lo", Sample.loopback) { _ = try Link($0) },
    Sampled("IPv4 address", Sample.address4) { _ = try InterfaceAddress($0) },
    Sampled("IPv6 address", Sample.address6) { _ = try InterfaceAddress($0) },
    Sampled("IPv4 route", Sample.route4) { _ = try Route($0) },
    Sampled("unreachable route", Sample.unreachable6) { _ = try Route($0) },
    Sampled("lookup", Sample.routeLookup) { _ = try Route($0) },
    Sampled("family", Sample.family) { _ = try GenericFamily($0) },
    Sampled("WireGuard interface", Sample.wireGuardStart) {
      _ = try WireGuardDevice([$0, $0], operation: "testing")
    },
    Sampled("WireGuard peers", Sample.wireGuardRest) {
      _ = try WireGuardDevice([$0], operation: "testing")
    },
  ]

  @Test(arguments: samples) func isReadWhenWhole(sample: Sampled) throws {
    try sample.read(reply(sample.frame))
  }

  @Test(arguments: samples) func isReadOrRefusedWhenCutShort(sample: Sampled) throws {
    for count in 0..<sample.frame.count {
      #expect(NetlinkFrame.split(Array(sample.frame.prefix(count))).map(\.isEmpty) != false)
    }
    let whole = try reply(sample.frame)
    for count in 0..<whole.payload.count {
      let cut = NetlinkReply(
        operation: "testing", type: whole.type, payload: Array(whole.payload.prefix(count)))
      _ = try? sample.read(cut)
    }
  }

  @Test(arguments: samples) func isReadOrRefusedWhenAByteIsWrong(sample: Sampled) throws {
    let whole = try reply(sample.frame)
    for index in whole.payload.indices {
      for byte in [0, 1, 3, 4, 5, 0x7f, 0x80, 0xff] as [UInt8] {
        var payload = whole.payload
        payload[index] = byte
        let damaged = NetlinkReply(operation: "testing", type: whole.type, payload: payload)
        _ = try? sample.read(damaged)
      }
    }
  }

  @Test(arguments: samples) func acknowledgementsAreReadOrRefused(sample: Sampled) throws {
    // Taken for an acknowledgement, any bytes are echo and attributes.
    for type in [2, 3] as [UInt8] {
      for flags in [0, 1, 2, 3] as [UInt8] {
        for error in [0x7f, 0x80, 0xff] as [UInt8] {
          var frame = sample.frame
          frame.replaceSubrange(4..<8, with: [type, 0, 0, flags])
          frame.replaceSubrange(16..<20, with: [0, 0, 0, error])
          var exchange = NetlinkExchange(operation: "testing")
          for frame in try #require(NetlinkFrame.split(frame)) {
            _ = try? exchange.take(frame)
          }
        }
      }
    }
  }
}
