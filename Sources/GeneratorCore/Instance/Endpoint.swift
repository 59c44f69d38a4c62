package import SystemCalls

/// Where a peer is reached: a host and a UDP port, as in wg(8).
package struct Endpoint: Equatable, Sendable, CustomStringConvertible {
  package enum Host: Equatable, Sendable {
    case address(IPAddress)
    case name(String)
  }

  package let host: Host
  package let port: UInt16

  /// Whether the host must be looked up, and so the network must be up first.
  package var isName: Bool {
    if case .name = host { true } else { false }
  }

  /// Reads `192.0.2.1:51820`, `[2001:db8::1]:51820` or `vpn.example.org:51820`.
  package init(parsing text: String) throws(ValueFault) {
    let allowed = "address:port, [IPv6 address]:port or name:port"
    let isBare = text.utf8.first != UInt8(ascii: "[") && IPAddress(text) != nil
    guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")), !isBare,
      text.utf8.last != UInt8(ascii: "]")
    else {
      let isBareIPv6 = IPAddress(text)?.family == .ipv6
      throw ValueFault(
        isBareIPv6 ? "has no port, or its IPv6 address no brackets" : "has no port",
        allowed: allowed)
    }
    guard let port = decimal(text[colon...].dropFirst(), in: 1...65535) else {
      throw ValueFault("does not end in a port from 1 to 65535", allowed: allowed)
    }
    self.port = UInt16(port)
    host = try Self.parseHost(text[..<colon], allowed: allowed)
  }

  private static func parseHost(
    _ text: Substring, allowed: String
  ) throws(ValueFault) -> Host {
    if text.utf8.first == UInt8(ascii: "["), text.utf8.last == UInt8(ascii: "]") {
      guard let address = IPAddress(text.dropFirst().dropLast()), address.family == .ipv6 else {
        throw ValueFault("has no IPv6 address in its brackets", allowed: allowed)
      }
      return try .usable(address, allowed: allowed)
    }
    if let address = IPAddress(text) {
      guard address.family == .ipv4 else {
        throw ValueFault("has an IPv6 address without brackets", allowed: allowed)
      }
      return try .usable(address, allowed: allowed)
    }
    // A name is asked of a resolver and shown: not so a key. Host names have no capitals.
    // With a dot at its end a name is looked up as it is, in no search domain: hostname(7).
    guard isHostName(text.hasSuffix(".") ? text.dropLast() : text),
      !holdsKey(String(text)) || text == text.lowercased()
    else {
      throw ValueFault("holds \(quoted(String(text))), which is no host", allowed: allowed)
    }
    return .name(String(text))
  }

  package var description: String {
    switch host {
    case .address(let address): SocketAddress(address, port: port).description
    case .name(let name): "\(name):\(port)"
    }
  }
}

extension Endpoint.Host {
  fileprivate static func usable(
    _ address: IPAddress, allowed: String
  ) throws(ValueFault) -> Endpoint.Host {
    guard !address.isUnspecified else {
      throw ValueFault("is the unspecified address, which nobody has", allowed: allowed)
    }
    return .address(address)
  }
}

/// Whether RFC 1123 would call this a host name; dotted digits are an address mistyped.
func isHostName(_ text: Substring) -> Bool {
  let labels = text.split(separator: ".", omittingEmptySubsequences: false)
  let isNumeric = labels.allSatisfy { label in label.utf8.allSatisfy(\.isDigit) }
  return !isNumeric && text.utf8.count <= 253
    && labels.allSatisfy { label in
      (1...63).contains(label.utf8.count) && label.utf8.first != UInt8(ascii: "-")
        && label.utf8.allSatisfy { $0.isLetter || $0.isDigit || "-_".utf8.contains($0) }
    }
}
