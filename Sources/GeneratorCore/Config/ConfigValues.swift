// What the values of the table's rows may look like. Each function takes the value as the file has
// it and gives a typed one, or says what is wrong and what is allowed.

internal import SystemCalls

/// Why a value was refused: `'value' PROBLEM; allowed: ALLOWED`.
package struct ValueFault: Error, Equatable, CustomStringConvertible {
  let problem: String
  let allowed: String
  /// The item that it is about, when the value is a list.
  private(set) var item: ListItem?

  init(_ problem: String, allowed: String) {
    self.problem = problem
    self.allowed = allowed
  }

  /// The same with the place in a list.
  func about(_ item: ListItem) -> ValueFault {
    var fault = self
    fault.item = item
    return fault
  }

  package var description: String { "\(problem); allowed: \(allowed)" }
}

/// A name below /run/netns, see ip-netns(8).
@Sendable func parseNamespaceName(_ text: String) throws(ValueFault) -> String {
  guard !text.utf8.contains(where: \.isBlank) else {
    throw ValueFault(
      "has a blank; one file makes one namespace",
      allowed: "a single name; write one file for each VPN")
  }
  let allowed = "1 to 200 letters, digits, '_', '-', '.', '+', '@' or ':', not starting with '.'"
  guard (1...200).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "."),
    text.utf8.allSatisfy({ $0.isLetter || $0.isDigit || "_-.+@:".utf8.contains($0) }),
    // It is written into units, which everybody may read.
    !holdsKey(text)
  else { throw ValueFault("is not a namespace name", allowed: allowed) }
  return text
}

/// A name that the kernel's dev_valid_name() takes, less what would need quoting anywhere.
@Sendable func parseInterfaceName(_ text: String) throws(ValueFault) -> String {
  let allowed = "1 to 15 letters, digits, '_', '-', '.', '+' or '='"
  guard text.utf8.count <= 15 else {
    throw ValueFault(
      "is \(text.utf8.count) bytes long, too long for an interface", allowed: allowed)
  }
  guard !text.isEmpty, text != ".", text != "..", text != "lo", text != "all", text != "default",
    text.utf8.allSatisfy({ $0.isLetter || $0.isDigit || "_-.+=".utf8.contains($0) })
  else { throw ValueFault("is not an interface name", allowed: allowed) }
  return text
}

@Sendable func parseKey(_ text: String) throws(ValueFault) -> WireGuardKey {
  try WireGuardKey(base64: text)
}

/// A key; `-` and the empty value mean none, as in the original.
@Sendable func parsePresharedKey(_ text: String) throws(ValueFault) -> WireGuardKey? {
  text == "-" || text.isEmpty ? nil : try WireGuardKey(base64: text)
}

/// A path that `LoadCredential=` takes: it splits at ':', and a unit with a path that is not
/// normalised starts without the credential; see systemd.exec(5).
@Sendable func parseAbsolutePath(_ text: String) throws(ValueFault) -> String {
  let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
  guard text.utf8.first == UInt8(ascii: "/"), text.utf8.last != UInt8(ascii: " "),
    text.utf8.count < 4096, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }),
    !text.utf8.contains(UInt8(ascii: ":")),
    parts.dropFirst().allSatisfy({ !["", ".", ".."].contains(String($0)) })
  else {
    throw ValueFault(
      "is not a file's path", allowed: "an absolute path without ':', '//', '/./' and '/../'")
  }
  // Paths are written into units, which everybody may read: not so a key, or a path that a lost
  // newline joined with the key's line.
  guard !text.utf8.contains(.equals) || !mayHoldKey(text) else {
    throw ValueFault("looks like a key, not a path", allowed: "the path of a file with the key")
  }
  return text
}

/// A path that every systemd's `LoadCredential=` takes: 255 and later hand it to the program that
/// sets up the service as a word of a line, where a blank ends it and a backslash is lost.
@Sendable func parseCredentialPath(_ text: String) throws(ValueFault) -> String {
  let path = try parseAbsolutePath(text)
  guard !path.utf8.contains(UInt8(ascii: " ")), !path.utf8.contains(.backslash) else {
    throw ValueFault(
      "is a path that newer systemds cannot load a credential from",
      allowed: "a path without blanks and '\\'")
  }
  return path
}

/// What `LoadCredentialEncrypted=` takes after the colon: an absolute path, or a name to look up
/// in /etc/credstore.encrypted and its like; see systemd.exec(5).
@Sendable func parseCredential(_ text: String) throws(ValueFault) -> String {
  if text.hasPrefix("/") { return try parseCredentialPath(text) }
  guard (1...255).contains(text.utf8.count),
    text.utf8.allSatisfy({ $0.isLetter || $0.isDigit || "_-.".utf8.contains($0) }),
    !holdsKey(text)
  else {
    throw ValueFault(
      "is not a credential",
      allowed: "an absolute path, or a name of letters, digits, '_', '-' and '.'")
  }
  return text
}

/// A program, by absolute path or as a name looked up in PATH.
@Sendable func parseProgram(_ text: String) throws(ValueFault) -> String {
  if text.hasPrefix("/") { return try parseAbsolutePath(text) }
  guard !text.isEmpty, !holdsKey(text),
    text.utf8.allSatisfy({ $0.isLetter || $0.isDigit || "_-.+".utf8.contains($0) })
  else { throw ValueFault("is not a program", allowed: "a name in PATH or an absolute path") }
  return text
}

@Sendable func parseEndpoint(_ text: String) throws(ValueFault) -> Endpoint {
  try Endpoint(parsing: text)
}

/// Bytes, or nil for `auto`; below 576 IPv4 breaks (RFC 791), above 65535 no packet goes.
@Sendable func parseMTU(_ text: String) throws(ValueFault) -> Int? {
  if text == "auto" || text.isEmpty { return nil }
  guard let mtu = decimal(text, in: 576...65535) else {
    throw ValueFault("is not an MTU", allowed: "auto, or 576 to 65535 (1280 and up with IPv6)")
  }
  return mtu
}

/// A switch, or the address to ask instead of the name server.
@Sendable func parseMTUProbe(_ text: String) throws(ValueFault) -> MTUProbeTarget {
  if let address = IPAddress(text) { return .address(address) }
  do throws(ValueFault) { return try parseSwitch(text) ? .nameServer : .off } catch {
    throw ValueFault(
      "is neither on nor off, nor an address", allowed: "yes, no, or an address behind the tunnel")
  }
}

/// Seconds, or 0 for `off` in any letter case; see wg(8).
@Sendable func parseKeepalive(_ text: String) throws(ValueFault) -> UInt16 {
  if text.lowercased() == "off" { return 0 }
  guard let seconds = decimal(text, in: 0...65535) else {
    throw ValueFault("is not a number of seconds", allowed: "off, or 0 to 65535")
  }
  return UInt16(seconds)
}

/// Seconds: at least as long as WireGuard takes to send a second time, at most a day.
@Sendable func parseTimeout(_ text: String) throws(ValueFault) -> Int {
  guard let seconds = decimal(text, in: 5...86400) else {
    throw ValueFault("is not a time limit", allowed: "5 to 86400 seconds")
  }
  return seconds
}

/// A UDP port, or 0 for one that the kernel chooses; see wg(8).
@Sendable func parseListenPort(_ text: String) throws(ValueFault) -> UInt16 {
  guard let port = decimal(text, in: 0...65535) else {
    throw ValueFault("is not a port number", allowed: "1 to 65535, or 0 for any")
  }
  return UInt16(port)
}

/// `off`, `auto` or the number of a table; see wg-quick(8) and ip-route(8).
@Sendable func parseRouteTable(_ text: String) throws(ValueFault) -> RouteTable {
  switch text {
  case "auto": return .automatic
  case "off": return .off
  default:
    guard let number = UInt32(text), number != 0, text.utf8.allSatisfy(\.isDigit) else {
      throw ValueFault("is not a routing table", allowed: "auto, off, or a number from 1")
    }
    return .number(number)
  }
}

/// A packet mark, decimal or `0x…`, or 0 for `off` in any letter case; see wg(8).
@Sendable func parseFwMark(_ text: String) throws(ValueFault) -> UInt32 {
  if text.lowercased() == "off" { return 0 }
  let isHex = text.hasPrefix("0x") || text.hasPrefix("0X")
  let digits = isHex ? text.dropFirst(2) : text[...]
  guard digits.first.map({ $0 != "+" && $0 != "-" }) ?? false,
    let mark = UInt32(digits, radix: isHex ? 16 : 10)
  else { throw ValueFault("is not a packet mark", allowed: "off, or 0 to 0xffffffff") }
  return mark
}

/// Any whole number (zero is off, as in the original), or a word of systemd.syntax(7).
@Sendable func parseSwitch(_ text: String) throws(ValueFault) -> Bool {
  let word = text.lowercased()
  if ["yes", "y", "true", "t", "on"].contains(word) { return true }
  if ["no", "n", "false", "f", "off"].contains(word) { return false }
  let digits =
    text.utf8.first == UInt8(ascii: "-") || text.utf8.first == UInt8(ascii: "+")
    ? text.dropFirst() : text[...]
  guard !digits.isEmpty, digits.utf8.allSatisfy(\.isDigit) else {
    throw ValueFault("is neither on nor off", allowed: "a number, yes, no, true, false, on or off")
  }
  return digits.utf8.contains { $0 != UInt8(ascii: "0") }
}

/// A number in plain decimal digits, within `range`.
func decimal(_ text: some StringProtocol, in range: ClosedRange<Int>) -> Int? {
  guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy(\.isDigit),
    let number = Int(text), range.contains(number)
  else { return nil }
  return number
}
