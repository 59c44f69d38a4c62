internal import CLinux
internal import Glibc
package import SystemCalls

/// Writes the attributes of a request, in the shape of the kernel's attribute tree.
///
/// Lengths and padding are the encoder's business; see netlink(7), "nlattr". It never throws:
/// the first failure sticks, and ``NetlinkMessage`` reports it.
package struct AttributeEncoder {
  package struct Failure {
    package let number: Int32
    package let text: String
  }

  package private(set) var bytes: [UInt8] = []
  package private(set) var failure: Failure?

  package init() {}

  /// A number; its type decides how many bytes the kernel gets.
  package mutating func put(
    _ type: some AttributeNumber, _ value: some FixedWidthInteger & UnsignedInteger
  ) {
    attribute(type.attributeNumber) { $0.bytes.append(native: value) }
  }

  /// A file descriptor or another `int`.
  package mutating func put(_ type: some AttributeNumber, _ value: Int32) {
    put(type, UInt32(bitPattern: value))
  }

  /// A string with its terminating NUL, as `NLA_NUL_STRING` demands.
  package mutating func put(_ type: some AttributeNumber, _ text: String) {
    // The kernel would act on the part before the NUL, another name than the caller's.
    if text.utf8.contains(0) { fail(EINVAL, "a name with a NUL byte in it") }
    put(type, Array(text.utf8) + [0])
  }

  /// Bytes as they are.
  package mutating func put(_ type: some AttributeNumber, _ value: [UInt8]) {
    attribute(type.attributeNumber) { $0.bytes += value }
  }

  /// An address, 4 or 16 bytes in network order.
  package mutating func put(_ type: some AttributeNumber, _ address: IPAddress) {
    put(type, address.bytes)
  }

  /// An attribute that holds the attributes written by `body`.
  package mutating func nest(
    _ type: some AttributeNumber, _ body: (inout AttributeEncoder) -> Void
  ) {
    // Families with strict policies, WireGuard's among them, refuse a nest without the flag.
    attribute(type.attributeNumber | UInt16(NLA_F_NESTED), body)
  }

  /// A fixed struct ahead of attributes, as at the start of `VETH_INFO_PEER`.
  package mutating func put(header: [UInt8]) {
    bytes += header
    pad()
  }

  private mutating func attribute(_ type: UInt16, _ body: (inout AttributeEncoder) -> Void) {
    let start = bytes.count
    bytes.append(native: UInt16(0))
    bytes.append(native: type)
    body(&self)
    let length = bytes.count - start
    // nla_len has 16 bits.
    if length > UInt16.max { fail(EMSGSIZE, "an attribute of \(length) bytes") }
    var header: [UInt8] = []
    header.append(native: UInt16(truncatingIfNeeded: length))
    bytes.replaceSubrange(start..<start + 2, with: header)
    pad()
  }

  private mutating func pad() {
    bytes.append(contentsOf: repeatElement(0, count: netlinkAligned(bytes.count) - bytes.count))
  }

  private mutating func fail(_ number: Int32, _ text: String) {
    failure = failure ?? Failure(number: number, text: text)
  }
}
