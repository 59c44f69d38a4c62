import Glibc
import Netlink
import Testing

@Suite struct NetlinkFrameTests {
  @Test func splitsADatagramIntoFrames() throws {
    let frames = try #require(
      NetlinkFrame.split(
        wire(
          """
          14 00 00 00 10 00 02 00 07 00 00 00 42 59 00 00 01 02 03 04  # RTM_NEWLINK, part of many
          11 00 00 00 10 00 12 00 07 00 00 00 42 59 00 00 05 00 00 00  # and padded, interrupted
          14 00 00 00 03 00 02 00 07 00 00 00 42 59 00 00 00 00 00 00  # NLMSG_DONE
          """)))
    #expect(frames.map(\.type) == [16, 16, 3])
    #expect(frames.map(\.payload) == [[1, 2, 3, 4], [5], [0, 0, 0, 0]])
    #expect(frames.allSatisfy { $0.sequence == 7 && $0.port == 0x5942 })
    #expect(frames.map { $0.flags.contains(.dumpInterrupted) } == [false, true, false])
  }

  @Test func anEmptyDatagramHasNoFrames() { #expect(NetlinkFrame.split([]) == []) }

  @Test(arguments: [
    (wire("00 00 00 00 10 00 02 00 07 00 00 00 42 59 00 00"), "a length of zero"),
    (wire("0f 00 00 00 10 00 02 00 07 00 00 00 42 59 00 00"), "less than a header"),
    (wire("11 00 00 00 10 00 02 00 07 00 00 00 42 59 00 00"), "one byte too few"),
    (wire("ff ff ff ff 10 00 02 00 07 00 00 00 42 59 00 00"), "a length beyond 2^31"),
    (wire("10 00 00 00 10 00 02 00 07 00 00 00 42 59 00 00 10"), "a byte behind the last"),
  ])
  func refusesADatagramThatIsCutShort(datagram: [UInt8], why: String) {
    #expect(NetlinkFrame.split(datagram) == nil, "\(why)")
  }
}

@Suite struct NetlinkExchangeTests {
  /// Takes frames in turn; the exchange, and whether it was over after the last.
  private func exchange(_ datagram: [UInt8]) throws -> (NetlinkExchange, isOver: Bool) {
    var exchange = NetlinkExchange(operation: "creating link 'wg0' (RTM_NEWLINK)")
    var isOver = false
    for frame in try #require(NetlinkFrame.split(datagram)) {
      isOver = try exchange.take(frame)
    }
    return (exchange, isOver)
  }

  private func error(_ datagram: [UInt8]) -> String? {
    #expect(throws: NetlinkError.self) { try exchange(datagram) }?.description
  }

  private let acknowledgement = wire(
    """
    24 00 00 00 02 00 00 01 01 00 00 00 42 59 00 00  # NLMSG_ERROR, CAPPED
    00 00 00 00 20 00 00 00 10 00 05 06 01 00 00 00 00 00 00 00  # error 0, header of the request
    """)

  @Test func isOverWithTheAcknowledgement() throws {
    #expect(try exchange(acknowledgement).isOver)
    #expect(try !exchange(Sample.loopback).isOver)
  }

  @Test func collectsTheObjectAheadOfTheAcknowledgement() throws {
    let (exchange, isOver) = try exchange(Sample.loopback + acknowledgement)
    #expect(isOver)
    #expect(try exchange.replies.map { try Link($0).name } == ["lo"])
  }

  // `ip link add wg0 type wireguard` without the module.
  @Test func reportsTheKernelsWords() {
    let datagram = wire(
      """
      3c 00 00 00 02 00 00 03 01 00 00 00 42 59 00 00  # NLMSG_ERROR, CAPPED | ACK_TLVS
      a1 ff ff ff 3c 00 00 00 10 00 05 06 01 00 00 00 00 00 00 00  # EOPNOTSUPP, header
      18 00 01 00 55 6e 6b 6e 6f 77 6e 20 64 65 76 69 63 65 20 74 79 70 65 00
      """)
    let prefix = "creating link 'wg0' (RTM_NEWLINK): Operation not supported (EOPNOTSUPP)"
    #expect(error(datagram) == "\(prefix): Unknown device type")
  }

  /// The same from a kernel without `NETLINK_CAP_ACK`.
  @Test func findsTheKernelsWordsBehindAnEcho() {
    let datagram = wire(
      """
      3c 00 00 00 02 00 00 02 01 00 00 00 42 59 00 00  # NLMSG_ERROR, ACK_TLVS
      ef ff ff ff 1d 00 00 00 10 00 05 06 01 00 00 00 00 00 00 00  # EEXIST, 29 bytes echoed
      01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 00 00 00  # the rest of them
      08 00 01 00 74 61 6b 00                          # NLMSGERR_ATTR_MSG "tak"
      """)
    #expect(error(datagram) == "creating link 'wg0' (RTM_NEWLINK): File exists (EEXIST): tak")
  }

  @Test func reportsAnErrorWithoutWords() {
    let datagram = wire(
      """
      24 00 00 00 02 00 00 01 01 00 00 00 42 59 00 00
      ef ff ff ff 20 00 00 00 10 00 05 06 01 00 00 00 00 00 00 00
      """)
    #expect(error(datagram) == "creating link 'wg0' (RTM_NEWLINK): File exists (EEXIST)")
  }

  @Test func reportsAnErrorAtTheEndOfADump() {
    let datagram = wire(
      """
      1c 00 00 00 03 00 02 02 01 00 00 00 42 59 00 00  # NLMSG_DONE, ACK_TLVS
      ed ff ff ff 08 00 01 00 67 6f 6e 00              # ENODEV, NLMSGERR_ATTR_MSG "gon"
      """)
    #expect(error(datagram) == "creating link 'wg0' (RTM_NEWLINK): No such device (ENODEV): gon")
  }

  @Test(arguments: [
    "14 00 00 00 03 00 02 00 01 00 00 00 42 59 00 00 00 00 00 00",
    "10 00 00 00 03 00 02 00 01 00 00 00 42 59 00 00",
  ])
  func isOverWithTheEndOfADump(done: String) throws {
    let (exchange, isOver) = try exchange(wire(done))
    #expect(isOver && !exchange.isInterrupted && exchange.replies.isEmpty)
  }

  @Test func knowsThatADumpWasInterrupted() throws {
    let done = wire("14 00 00 00 03 00 12 00 01 00 00 00 42 59 00 00 00 00 00 00")
    #expect(try exchange(Sample.loopback + done).0.isInterrupted)
  }

  @Test func skipsNothingButNoOperations() throws {
    let (exchange, isOver) = try exchange(wire("10 00 00 00 01 00 00 00 01 00 00 00 00 00 00 00"))
    #expect(!isOver && exchange.replies.isEmpty)
    let overrun = wire("10 00 00 00 04 00 00 00 01 00 00 00 00 00 00 00")
    #expect(error(overrun)?.contains("(ENOBUFS)") == true)
  }

  @Test func refusesAnAcknowledgementThatIsCutShort() {
    let datagram = wire("12 00 00 00 02 00 00 01 01 00 00 00 42 59 00 00 00 00 00 00")
    #expect(error(datagram)?.contains("(EBADMSG)") == true)
  }
}

@Suite struct NetlinkErrorTests {
  @Test func printsOperationErrnoAndTheKernelsWords() {
    let operation = "creating link 'wg0' (RTM_NEWLINK)"
    #expect(
      NetlinkError(operation, errno: EEXIST).description
        == "creating link 'wg0' (RTM_NEWLINK): File exists (EEXIST)")
    #expect(
      NetlinkError(operation, errno: EINVAL, "Invalid MTU").description
        == "creating link 'wg0' (RTM_NEWLINK): Invalid argument (EINVAL): Invalid MTU")
  }
}
