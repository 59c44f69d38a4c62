import Netlink
import SystemCalls
import Testing

/// Bytes from hexadecimal digits; `#` starts a comment that goes to the end of the line.
///
/// Samples are in the byte order of a little-endian machine.
func wire(_ text: String) -> [UInt8] {
  let digits = text.split(separator: "\n").flatMap { line in
    line.prefix { $0 != "#" }.compactMap(\.hexDigitValue)
  }
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] << 4 | digits[$0 + 1])
  }
}

/// `10.0.0.1/24` as a value; the test fails if it is none.
func prefix(_ text: String) throws -> IPPrefix {
  let parts = text.split(separator: "/")
  let length = try #require(parts.count == 2 ? Int(parts[1]) : nil)
  return try #require(IPPrefix(address(String(parts[0])), length: length))
}

func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

/// A reply from one frame of a datagram that the kernel sent.
func reply(_ frame: [UInt8]) throws -> NetlinkReply {
  let frame = try #require(NetlinkFrame.split(frame)?.first)
  return NetlinkReply(operation: "testing", type: frame.type, payload: frame.payload)
}

/// What the kernel would read of a request's attributes.
func attributes(of message: NetlinkMessage) throws -> AttributeList {
  let reply = NetlinkReply(
    operation: message.operation, type: message.type, payload: message.header + message.attributes)
  return try reply.attributes(after: message.header.count)
}

/// A key of 32 equal bytes.
func key(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }
