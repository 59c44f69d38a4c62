import CLinux
import Glibc
import Netlink
import SystemCalls
import Testing

@Suite struct AttributeEncoderTests {
  @Test func padsEachAttributeToFourBytes() {
    var encoder = AttributeEncoder()
    encoder.put(1, UInt8(0xaa))
    encoder.put(2, UInt16(0xbbaa))
    encoder.put(3, UInt32(0xddcc_bbaa))
    encoder.put(4, UInt64(0x8877_6655_4433_2211))
    encoder.put(5, Int32(-1))
    #expect(
      encoder.bytes
        == wire(
          """
          05 00 01 00 aa 00 00 00
          06 00 02 00 aa bb 00 00
          08 00 03 00 aa bb cc dd
          0c 00 04 00 11 22 33 44 55 66 77 88
          08 00 05 00 ff ff ff ff
          """))
  }

  @Test func terminatesStringsButNotBytes() {
    var encoder = AttributeEncoder()
    encoder.put(IFLA_IFNAME, "wg0")
    encoder.put(IFLA_IFALIAS, Array("wg0".utf8))
    #expect(encoder.bytes == wire("08 00 03 00 77 67 30 00  07 00 14 00 77 67 30 00"))
  }

  @Test func countsNestedAttributesAndSetsTheFlag() {
    var encoder = AttributeEncoder()
    encoder.nest(IFLA_LINKINFO) { info in
      info.nest(IFLA_INFO_DATA) { $0.put(1, UInt8(7)) }
    }
    #expect(
      encoder.bytes
        == wire(
          """
          10 00 12 80              # IFLA_LINKINFO | NLA_F_NESTED, 16 bytes
            0c 00 02 80            # IFLA_INFO_DATA | NLA_F_NESTED, 12 bytes
              05 00 01 00 07 00 00 00
          """))
  }

  @Test func keepsTheFirstFailure() throws {
    var encoder = AttributeEncoder()
    encoder.put(1, [UInt8](repeating: 0, count: 65531))
    #expect(encoder.failure == nil)
    encoder.nest(2) { nest in
      nest.put(3, "a\0b")
      nest.put(4, [UInt8](repeating: 0, count: 65532))
    }
    #expect(encoder.failure?.number == EINVAL)
  }

  @Test func refusesANestLongerThanItsLengthField() {
    let error = #expect(throws: NetlinkError.self) {
      try NetlinkMessage("testing", type: 16, header: []) { message in
        message.nest(1) { nest in
          for _ in 0..<3 { nest.put(2, [UInt8](repeating: 0, count: 30000)) }
        }
      }
    }
    #expect(
      error?.description
        == "testing: Message too long (EMSGSIZE): an attribute of 90016 bytes")
  }

  @Test func refusesAnInterfaceNameThatTheKernelWouldCut() {
    let error = #expect(throws: NetlinkError.self) {
      try LinkMessage.createWireGuard(name: "wg0\0x")
    }
    #expect(error?.number == EINVAL)
  }
}

@Suite struct AttributeListTests {
  private func list(_ bytes: [UInt8]) throws -> AttributeList {
    try NetlinkReply(operation: "testing", type: 16, payload: bytes).attributes(after: 0)
  }

  @Test func readsWhatTheEncoderWrote() throws {
    var encoder = AttributeEncoder()
    encoder.put(1, UInt32(1420))
    encoder.put(2, "wg0")
    encoder.put(3, try address("fd00::1"))
    encoder.nest(4) { array in
      for number in [UInt8(1), 2] { array.nest(0) { $0.put(1, number) } }
    }
    let list = try list(encoder.bytes)
    #expect(try list.integer(1) == UInt32(1420))
    #expect(list.string(2) == "wg0")
    #expect(try list.address(3, .ipv6) == address("fd00::1"))
    #expect(try list.array(4).map { try $0.integer(1) } == [UInt8(1), 2])
    #expect(list.bytes(5) == nil)
    #expect(try list.array(5).isEmpty)
  }

  @Test func takesTheLastOfSeveral() throws {
    #expect(try list(wire("05 00 01 00 01 00 00 00  05 00 01 00 02")).integer(1) == UInt8(2))
  }

  @Test(arguments: [
    (wire("03 00 01 00"), "a length shorter than the header"),
    (wire("00 00 00 00"), "a length of zero"),
    (wire("09 00 01 00 01 02 03 04"), "a length beyond the end"),
    (wire("08 00 01"), "half a header"),
    (wire("08 00 01 00 01 02 03 04 00"), "a byte behind the last attribute"),
  ])
  func throwsWhenAttributesAreMalformed(bytes: [UInt8], why: String) {
    #expect(throws: NetlinkError.self, "\(why)") { try list(bytes) }
  }

  @Test func throwsWhenAValueHasAnotherWidth() throws {
    let list = try list(wire("06 00 01 00 01 02 00 00"))
    let error = #expect(throws: NetlinkError.self) { try list.integer(1, as: UInt32.self) }
    #expect(
      error?.description
        == "testing: Bad message (EBADMSG): attribute 1 of the reply has an unexpected length")
    #expect(throws: NetlinkError.self) { try list.address(1, .ipv4) }
    #expect(throws: NetlinkError.self) { try list.nested(1) }
  }
}

@Suite struct WireIntegerTests {
  @Test func writesBothByteOrders() {
    var bytes: [UInt8] = []
    bytes.append(native: UInt16(0x1234))
    bytes.append(network: UInt16(0x1234))
    bytes.append(native: Int32(-2))
    #expect(bytes == wire("34 12 12 34 fe ff ff ff"))
  }

  @Test func readsBothByteOrders() {
    let bytes = wire("00 34 12 fe ff ff ff")[1...]
    #expect(bytes.native(UInt16.self, at: 0) == 0x1234)
    #expect(bytes.network(UInt16.self, at: 0) == 0x3412)
    #expect(bytes.native(Int32.self, at: 2) == -2)
    #expect(bytes.native(UInt64.self, at: 0) == nil)
  }

  @Test(arguments: [-1, 1, 2, 3, 4, Int.max])
  func readsNothingBeyondTheEnd(offset: Int) {
    #expect(wire("01 02 03 04").native(UInt32.self, at: offset) == nil)
  }
}

@Suite struct KernelStructTests {
  /// The encoder and the decoders write and read these by offset.
  @Test func structsHaveTheSizesOfTheWire() {
    #expect(MemoryLayout<nlmsghdr>.size == 16)
    #expect(MemoryLayout<nlmsgerr>.size == 20)
    #expect(MemoryLayout<nlattr>.size == 4)
    #expect(MemoryLayout<genlmsghdr>.size == 4)
    #expect(MemoryLayout<ifinfomsg>.size == 16)
    #expect(MemoryLayout<ifaddrmsg>.size == 8)
    #expect(MemoryLayout<rtmsg>.size == 12)
    #expect(MemoryLayout<rtnl_link_stats64>.offset(of: \.rx_bytes) == 16)
    #expect(MemoryLayout<rtnl_link_stats64>.offset(of: \.tx_bytes) == 24)
    #expect(MemoryLayout<sockaddr_in>.size == 16)
    #expect(MemoryLayout<sockaddr_in6>.size == 28)
  }
}
