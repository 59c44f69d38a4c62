internal import CLinux
internal import CMnl
internal import Glibc
package import SystemCalls

/// The attributes of a reply, or those nested in one of them, read with libmnl.
///
/// Whatever the bytes are, a getter returns or throws `EBADMSG`.
package struct AttributeList {
  /// What the request was for, for errors.
  package let operation: String
  /// Types without flags, and contents, in the order received.
  package let entries: [(type: UInt16, value: ArraySlice<UInt8>)]

  init(_ bytes: ArraySlice<UInt8>, operation: String) throws(NetlinkError) {
    var entries: [(type: UInt16, value: ArraySlice<UInt8>)] = []
    var rest = bytes
    while let (type, length) = Self.header(rest) {
      entries.append((type, rest.prefix(length).dropFirst(MemoryLayout<nlattr>.size)))
      rest = rest.dropFirst(netlinkAligned(length))
    }
    guard rest.isEmpty else {
      throw NetlinkError(operation, errno: EBADMSG, "the attributes of the reply are cut short")
    }
    self.operation = operation
    self.entries = entries
  }

  /// Type and length, header included, of the first attribute; nil when none is whole.
  private static func header(_ bytes: ArraySlice<UInt8>) -> (type: UInt16, length: Int)? {
    unsafe bytes.withUnsafeBytes { buffer in
      let attribute = unsafe buffer.baseAddress?.assumingMemoryBound(to: nlattr.self)
      guard unsafe mnl_attr_ok(attribute, Int32(clamping: buffer.count)) else { return nil }
      return unsafe (mnl_attr_get_type(attribute), Int(mnl_attr_get_len(attribute)))
    }
  }

  /// The bytes of an attribute; nil when the reply lacks it.
  ///
  /// Of several with one type the last counts, as in the kernel.
  package func bytes(_ type: some AttributeNumber) -> ArraySlice<UInt8>? {
    entries.last { $0.type == type.attributeNumber }?.value
  }

  /// An integer attribute; throws when it has another width.
  package func integer<Value: FixedWidthInteger>(
    _ type: some AttributeNumber, as _: Value.Type = Value.self
  ) throws(NetlinkError) -> Value? {
    guard let bytes = bytes(type) else { return nil }
    guard bytes.count == Value.bitWidth / 8, let value = bytes.native(Value.self, at: 0) else {
      throw unreadable(type)
    }
    return value
  }

  /// A string attribute, to its first NUL.
  package func string(_ type: some AttributeNumber) -> String? {
    bytes(type).map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// An address attribute; throws unless it has the length of the family.
  package func address(
    _ type: some AttributeNumber, _ family: AddressFamily
  ) throws(NetlinkError) -> IPAddress? {
    guard let bytes = bytes(type) else { return nil }
    guard bytes.count == family.bits / 8, let address = IPAddress(bytes: Array(bytes)) else {
      throw unreadable(type)
    }
    return address
  }

  /// The attributes inside an attribute.
  package func nested(_ type: some AttributeNumber) throws(NetlinkError) -> AttributeList? {
    guard let bytes = bytes(type) else { return nil }
    return try AttributeList(bytes, operation: operation)
  }

  /// Each element of an array attribute as a list of its own; empty when the reply lacks it.
  package func array(_ type: some AttributeNumber) throws(NetlinkError) -> [AttributeList] {
    var elements: [AttributeList] = []
    for element in try nested(type)?.entries ?? [] {
      elements.append(try AttributeList(element.value, operation: operation))
    }
    return elements
  }

  /// The error for an attribute whose contents make no sense.
  func unreadable(_ type: some AttributeNumber) -> NetlinkError {
    let text = "attribute \(type.attributeNumber) of the reply has an unexpected length"
    return NetlinkError(operation, errno: EBADMSG, text)
  }
}
