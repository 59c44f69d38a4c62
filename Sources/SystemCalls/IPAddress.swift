internal import Glibc

/// The two address families of ip(7) and ipv6(7).
package enum AddressFamily: Equatable, Hashable, Sendable {
  case ipv4
  case ipv6

  /// Length of an address in bits.
  package var bits: Int { self == .ipv4 ? 32 : 128 }
  /// `AF_INET` or `AF_INET6`.
  package var rawValue: UInt8 { UInt8(self == .ipv4 ? AF_INET : AF_INET6) }
  /// `IPv4` or `IPv6`.
  package var name: String { self == .ipv4 ? "IPv4" : "IPv6" }
}

/// An IPv4 or IPv6 address.
package struct IPAddress: Equatable, Hashable, Sendable, CustomStringConvertible {
  package let family: AddressFamily
  /// The address as a number, the first byte of the network order on top.
  fileprivate let value: UInt128

  /// In network order; 4 or 16.
  package var bytes: [UInt8] {
    stride(from: family.bits - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// Nil unless `bytes`, in network order, has 4 or 16 elements.
  package init?(bytes: [UInt8]) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    self.init(bytes.count == 4 ? .ipv4 : .ipv6, bytes.reduce(0) { $0 << 8 | UInt128($1) })
  }

  /// An IPv4 address from its number, as in 0x7f000001.
  package init(ipv4 number: UInt32) { self.init(.ipv4, UInt128(number)) }

  /// Nil for an IPv6 address.
  package var ipv4Number: UInt32? {
    family == .ipv4 ? UInt32(truncatingIfNeeded: value) : nil
  }

  /// Reads text as inet_pton(3) does: no zone, no octal, all four parts.
  package init?(_ text: Substring) {
    let bytes = text.utf8.span
    let family: AddressFamily = contains(bytes, UInt8(ascii: ":")) ? .ipv6 : .ipv4
    guard let value = parse(bytes, as: family) else { return nil }
    self.init(family, value)
  }

  package init?(_ text: String) { self.init(text[...]) }

  fileprivate init(_ family: AddressFamily, _ value: UInt128) {
    self.family = family
    self.value = value
  }

  /// `0.0.0.0` or `::`.
  package static func unspecified(_ family: AddressFamily) -> IPAddress { IPAddress(family, 0) }

  package var isUnspecified: Bool { value == 0 }

  package var description: String {
    // As struct in6_addr, or struct in_addr.
    let address = (value << (128 - family.bits)).bigEndian
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: textLimit) { text in
      guard let start = text.baseAddress else { return "" }
      return unsafe withUnsafeBytes(of: address) { bytes in
        unsafe inet_ntop(Int32(family.rawValue), bytes.baseAddress, start, socklen_t(textLimit))
      }.map { unsafe String(cString: $0) } ?? ""
    }
  }
}

/// Bytes of the longest address as text, and a NUL.
private let textLimit = Int(INET6_ADDRSTRLEN)

/// inet_pton(3), which reads a C string.
private func parse(_ text: Span<UInt8>, as family: AddressFamily) -> UInt128? {
  // A NUL inside would hide what follows it.
  guard text.count < textLimit, !contains(text, 0) else { return nil }
  // Sixteen bytes in network order, as struct in6_addr; or four, as struct in_addr, and zeros.
  var address = UInt128(0)
  let isAddress = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: textLimit) {
    buffer in
    for index in text.indices { unsafe buffer[index] = CChar(bitPattern: text[index]) }
    unsafe buffer[text.count] = 0
    return unsafe buffer.baseAddress.map { start in
      unsafe inet_pton(Int32(family.rawValue), start, &address) == 1
    }
  }
  guard isAddress ?? false else { return nil }
  return UInt128(bigEndian: address) >> (128 - family.bits)
}

private func contains(_ text: Span<UInt8>, _ byte: UInt8) -> Bool {
  text.indices.contains { text[$0] == byte }
}

/// An address with a prefix length, `10.0.0.1/24`; host bits are kept.
package struct IPPrefix: Equatable, Hashable, Sendable, CustomStringConvertible {
  package let address: IPAddress
  package let length: Int

  /// Nil when `length` is not within the address's bits.
  package init?(_ address: IPAddress, length: Int) {
    guard (0...address.family.bits).contains(length) else { return nil }
    self.address = address
    self.length = length
  }

  package var family: AddressFamily { address.family }

  /// The prefix with every host bit zero: what a route's destination must be.
  package var network: IPPrefix { IPPrefix(masking: address, length: length) }

  private init(masking address: IPAddress, length: Int) {
    let kept = ~((UInt128(1) << (address.family.bits - length)) &- 1)
    self.address = IPAddress(address.family, address.value & kept)
    self.length = length
  }

  /// Whether `other` lies wholly inside this prefix.
  package func contains(_ other: IPPrefix) -> Bool {
    guard family == other.family, length <= other.length,
      let widened = IPPrefix(other.address, length: length)
    else { return false }
    return widened.network == network
  }

  /// Whether the two have an address in common.
  package func overlaps(_ other: IPPrefix) -> Bool { contains(other) || other.contains(self) }

  package var description: String { "\(address)/\(length)" }
}

/// An address with a UDP or TCP port; prints as `192.0.2.1:51820` or `[2001:db8::1]:51820`.
package struct SocketAddress: Equatable, Hashable, Sendable, CustomStringConvertible {
  package let address: IPAddress
  package let port: UInt16

  package init(_ address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }

  package var description: String {
    address.family == .ipv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
  }

  /// `struct sockaddr_in` or `struct sockaddr_in6`, without flow and scope; ip(7), ipv6(7).
  package var kernelBytes: [UInt8] {
    // sin_family is in the machine's order, sin_port in the network's.
    var bytes = unsafe withUnsafeBytes(of: UInt16(address.family.rawValue)) { unsafe Array($0) }
    bytes += [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)]
    let zeros = [UInt8](repeating: 0, count: address.family == .ipv4 ? 8 : 4)
    return address.family == .ipv4
      ? bytes + address.bytes + zeros : bytes + zeros + address.bytes + zeros
  }
}
