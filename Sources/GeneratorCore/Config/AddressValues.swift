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
  guard let sign = item.utf8.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
    return try parsePrefix(item)
  }
  throw ValueFault(
    "begins with '\(item.prefix(1))', as for a change of a list; a file has the whole list, and wg"
      + " 1.0.20210914 refuses it, too", allowed: allowedAddresses)
}

private func parsePrefix(_ item: Substring) throws(ValueFault) -> IPPrefix {
  let slash = item.utf8.firstIndex(of: UInt8(ascii: "/"))
  guard let address = IPAddress(item[..<(slash ?? item.endIndex)]) else {
    throw ValueFault("is not an address", allowed: allowedAddresses)
  }
  let bits = address.family.bits
  let length = slash.map { decimal(item[$0...].dropFirst(), in: 0...bits) } ?? bits
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
  /// Up to this many are looked at one by one, which is quicker than hashing.
  private static let few = 8

  private let list: [IPPrefix]
  /// Empty for a few.
  private let networks: Set<IPPrefix>
  private let lengths: Set<Int>

  init(_ prefixes: [IPPrefix]) {
    list = prefixes
    networks = prefixes.count > Self.few ? Set(prefixes.map(\.network)) : []
    lengths = Set(networks.map(\.length))
  }

  func covers(_ address: IPAddress) -> Bool {
    func isMember(_ length: Int, _ isIn: (IPPrefix) -> Bool) -> Bool {
      IPPrefix(address, length: length).map { isIn($0.network) } ?? false
    }
    guard !networks.isEmpty else {
      return list.contains { one in isMember(one.length) { $0 == one.network } }
    }
    return lengths.contains { isMember($0, networks.contains) }
  }

  /// Each network once, in their order.
  static func unique(_ prefixes: [IPPrefix]) -> [IPPrefix] {
    guard prefixes.count > few else {
      return prefixes.indices.filter { !prefixes[..<$0].contains(prefixes[$0]) }
        .map { prefixes[$0] }
    }
    var seen: Set<IPPrefix> = []
    return prefixes.filter { seen.insert($0).inserted }
  }
}

/// An item of a list, and the byte of the value at which it begins.
struct ListItem: Equatable {
  let text: Substring
  let offset: Int
}

/// What commas and blanks separate.
func listItems(_ text: String) -> [ListItem] {
  var items: [ListItem] = []
  let bytes = text.utf8
  var start = bytes.startIndex
  var offset = 0
  while start < bytes.endIndex {
    let end = bytes[start...].firstIndex { $0 == .comma || $0.isSpace } ?? bytes.endIndex
    let item = bytes[start..<end]
    if !item.isEmpty { items.append(ListItem(text: Substring(item), offset: offset)) }
    offset += item.count + 1
    start = end == bytes.endIndex ? end : bytes.index(after: end)
  }
  return items
}
