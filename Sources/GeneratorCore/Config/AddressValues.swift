// Values with addresses in them; see ConfigValues.swift.

internal import SystemCalls

/// An address of an interface, with or without prefix length.
@Sendable func parseAddress(_ item: Substring) throws(ValueFault) -> IPPrefix {
  let prefix = try parsePrefix(item)
  guard !prefix.address.isUnspecified else {
    throw ValueFault("is the unspecified address", allowed: "addresses of this machine's end")
  }
  return prefix
}

/// One of the networks of AllowedIPs in wg(8), as written, host bits and all.
@Sendable func parseAllowedIP(_ item: Substring) throws(ValueFault) -> IPPrefix {
  // Releases after Debian 12's take an item with a sign for a change of the list that is there.
  guard let sign = item.first, sign == "+" || sign == "-" else { return try parsePrefix(item) }
  throw ValueFault(
    "begins with '\(sign)', as for a change of a list; a file has the whole list, and wg"
      + " 1.0.20210914 refuses it, too", allowed: allowedAddresses)
}

private func parsePrefix(_ item: Substring) throws(ValueFault) -> IPPrefix {
  let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
  guard let address = IPAddress(parts[0]) else {
    throw ValueFault("is not an address", allowed: allowedAddresses)
  }
  let bits = address.family.bits
  let length = parts.count == 1 ? bits : decimal(parts[1], in: 0...bits)
  guard let length, let prefix = IPPrefix(address, length: length) else {
    throw ValueFault(
      "has a prefix length that is not a number from 0 to \(bits)", allowed: allowedAddresses)
  }
  return prefix
}

private let allowedAddresses = "addresses like 10.0.0.2/32,fd00::2/128"

extension ValueFault {
  /// Of a list that must have something in it.
  static let noAddress = ValueFault("holds no address", allowed: allowedAddresses)
}

/// The address of a server or a search domain: `DNS` of wg-quick(8) has both, mixed.
@Sendable func parseDNSEntry(_ item: Substring) throws(ValueFault) -> DNSEntry {
  if let address = IPAddress(item) { return .server(address) }
  guard isHostName(item) else {
    throw ValueFault(
      "is neither an address nor a domain",
      allowed: "addresses of servers and search domains, like 10.64.0.1,example.org")
  }
  return .searchDomain(String(item))
}

/// Networks, and a quick answer to which addresses they cover.
struct NetworkSet {
  private let networks: Set<IPPrefix>
  private let lengths: Set<Int>

  init(_ prefixes: some Sequence<IPPrefix>) {
    networks = Set(prefixes.map(\.network))
    lengths = Set(networks.map(\.length))
  }

  func covers(_ address: IPAddress) -> Bool {
    lengths.contains { length in
      IPPrefix(address, length: length).map { networks.contains($0.network) } ?? false
    }
  }
}

/// An item of a list, and the byte of the value at which it begins.
struct ListItem: Equatable {
  let text: Substring
  let offset: Int
}

/// What commas and blanks separate.
func listItems(_ text: String) -> [ListItem] {
  text.utf8.split { $0 == .comma || $0.isSpace }.map { item in
    ListItem(
      text: Substring(item), offset: text.utf8.distance(from: text.startIndex, to: item.startIndex))
  }
}
