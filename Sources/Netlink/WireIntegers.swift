// Netlink integers are in host byte order (netlink(7)), ports inside a sockaddr are not.

extension [UInt8] {
  /// Appends `value` in host byte order.
  package mutating func append(native value: some FixedWidthInteger) {
    append(lowByteFirst: value.littleEndian)
  }

  /// Appends `value` in network byte order.
  package mutating func append(network value: some FixedWidthInteger) {
    append(lowByteFirst: value.byteSwapped)
  }

  private mutating func append(lowByteFirst value: some FixedWidthInteger) {
    for shift in stride(from: 0, to: value.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}

extension Collection<UInt8> {
  /// The integer in host byte order that starts `offset` bytes in; nil when it is cut short.
  package func native<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value? {
    lowByteFirst(type, at: offset).map(Value.init(littleEndian:))
  }

  /// The integer in network byte order that starts `offset` bytes in; nil when it is cut short.
  package func network<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value? {
    lowByteFirst(type, at: offset).map(\.byteSwapped)
  }

  private func lowByteFirst<Value: FixedWidthInteger>(
    _: Value.Type, at offset: Int
  ) -> Value? {
    let size = Value.bitWidth / 8
    guard offset >= 0, count >= size, offset <= count - size else { return nil }
    return dropFirst(offset).prefix(size).reversed().reduce(0) { value, byte in
      value << 8 | Value(truncatingIfNeeded: byte)
    }
  }
}

/// `length` rounded up to four, as every message and attribute starts; see netlink(7).
func netlinkAligned(_ length: Int) -> Int { (length + 3) & ~3 }
