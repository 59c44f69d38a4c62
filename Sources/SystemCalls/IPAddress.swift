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

/// An IPv4 or IPv6 address, as bytes in network order.
package struct IPAddress: Equatable, Hashable, Sendable, CustomStringConvertible {
  package let family: AddressFamily
  /// 4 or 16 bytes.
  package let bytes: [UInt8]

  /// Nil unless `bytes` has 4 or 16 elements.
  package init?(bytes: [UInt8]) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    family = bytes.count == 4 ? .ipv4 : .ipv6
    self.bytes = bytes
  }

  /// Reads text as inet_pton(3) does: no zone, no octal, all four parts.
  package init?(_ text: some StringProtocol) {
    let text = String(text)
    // inet_pton reads a C string: a NUL inside would hide what follows it.
    guard !text.utf8.contains(0) else { return nil }
    for family in [AddressFamily.ipv4, .ipv6] {
      var bytes = [UInt8](repeating: 0, count: family.bits / 8)
      if unsafe inet_pton(Int32(family.rawValue), text, &bytes) == 1 {
        self.family = family
        self.bytes = bytes
        return
      }
    }
    return nil
  }

  private init(_ family: AddressFamily, _ bytes: [UInt8]) {
    self.family = family
    self.bytes = bytes
  }

  /// `0.0.0.0` or `::`.
  package static func unspecified(_ family: AddressFamily) -> IPAddress {
    IPAddress(family, [UInt8](repeating: 0, count: family.bits / 8))
  }

  package var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

  package var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    _ = unsafe inet_ntop(Int32(family.rawValue), bytes, &text, socklen_t(text.count))
    return String(
      decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
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
  package var network: IPPrefix {
    let bytes = address.bytes.enumerated().map { index, byte in
      let kept = min(max(length - index * 8, 0), 8)
      return byte & UInt8(truncatingIfNeeded: 0xff00 >> kept)
    }
    return IPAddress(bytes: bytes).flatMap { IPPrefix($0, length: length) } ?? self
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
