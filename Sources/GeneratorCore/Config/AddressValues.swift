// Values with addresses in them; see ConfigValues.swift.

internal import SystemCalls

/// Addresses with or without prefix length, separated by commas or blanks.
@Sendable func parseAddresses(_ text: String) throws(ValueFault) -> [IPPrefix] {
  var prefixes: [IPPrefix] = []
  for item in listItems(text) { prefixes.append(try parsePrefix(item)) }
  guard !prefixes.isEmpty else {
    throw ValueFault("holds no address", allowed: "addresses like 10.0.0.2/32,fd00::2/128")
  }
  guard !prefixes.contains(where: \.address.isUnspecified) else {
    throw ValueFault("holds the unspecified address", allowed: "addresses of this machine's end")
  }
  if let address = prefixes.repeatedAddresses.first {
    throw ValueFault("names \(address) twice", allowed: "each address once")
  }
  return prefixes
}

/// AllowedIPs of wg(8), as written; empty means none.
@Sendable func parseAllowedIPs(_ text: String) throws(ValueFault) -> [IPPrefix] {
  var prefixes: [IPPrefix] = []
  for item in listItems(text) { prefixes.append(try parsePrefix(item)) }
  return prefixes
}

/// Addresses of servers and search domains, mixed, as `DNS` of wg-quick(8) has them.
@Sendable func parseDNS(_ text: String) throws(ValueFault) -> [DNSEntry] {
  var entries: [DNSEntry] = []
  for item in listItems(text) {
    if let address = IPAddress(item) {
      entries.append(.server(address))
    } else if isHostName(item) {
      entries.append(.searchDomain(String(item)))
    } else {
      throw ValueFault(
        "holds \(quoted(String(item))), which is neither an address nor a domain",
        allowed: "addresses of servers and search domains, like 10.64.0.1,example.org")
    }
  }
  return entries
}

extension [IPPrefix] {
  /// Addresses that an earlier element has, too, whatever the prefix lengths.
  var repeatedAddresses: [IPAddress] {
    // Lists of all of a country's networks have thousands of elements: no comparing each with each.
    var seen: Set<IPAddress> = []
    return map(\.address).filter { !seen.insert($0).inserted }
  }
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

/// The items of a list, separated by commas, blanks or line ends.
func listItems(_ text: String) -> [Substring] {
  // By scalar: as Character a separator and a combining mark after it are something else.
  text.unicodeScalars.split { $0 == "," || $0 == " " || $0 == "\t" || Character($0).isNewline }
    .map(Substring.init)
}

private func parsePrefix(_ item: Substring) throws(ValueFault) -> IPPrefix {
  let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
  guard let address = IPAddress(parts[0]) else {
    throw ValueFault(
      "holds \(quoted(String(item))), which is not an address",
      allowed: "addresses like 10.0.0.2/32,fd00::2/128")
  }
  let bits = address.family.bits
  let length = parts.count == 1 ? bits : decimal(parts[1], in: 0...bits)
  guard let length, let prefix = IPPrefix(address, length: length) else {
    throw ValueFault(
      "holds \(quoted(String(item))), whose prefix length is not a number from 0 to \(bits)",
      allowed: "addresses like 10.0.0.2/32,fd00::2/128")
  }
  return prefix
}
