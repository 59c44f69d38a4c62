import Testing

@testable import GeneratorCore

/// A message about one item of a list points at that item, wherever the file has it.
@Suite struct ItemPlacesTests {
  /// A file that is good but for its list, and the places and keys of its messages.
  struct Row: Sendable, CustomTestStringConvertible {
    let list: String
    let expected: [String]
    var testDescription: String { list.debugDescription }

    init(_ list: String, _ expected: String...) {
      self.list = list
      self.expected = expected
    }
  }

  private func places(_ text: String) throws -> [String] {
    try load(text).diagnostics.map { diagnostic in
      let location = diagnostic.location
      let subject = diagnostic.text.split(separator: "'").prefix(2).joined()
      return "\(location.line):\(location.column) \(subject)"
    }
  }

  /// The assignment begins in line 5.
  static let environmentRows: [Row] = [
    Row("WIREGUARD_ALLOWED_IPS=x", "5:23 WIREGUARD_ALLOWED_IPS=: x"),
    Row("WIREGUARD_ALLOWED_IPS=10.0.0.0/8,x", "5:34 WIREGUARD_ALLOWED_IPS=: x"),
    Row("  WIREGUARD_ALLOWED_IPS = 10.0.0.0/8, x", "5:39 WIREGUARD_ALLOWED_IPS=: x"),
    Row("WIREGUARD_ALLOWED_IPS=ä,x", "5:23 WIREGUARD_ALLOWED_IPS=: ä"),
    Row("WIREGUARD_DNS=10.0.0.1,ä", "5:24 WIREGUARD_DNS=: ä"),
    // Quotes are no part of the value.
    Row("WIREGUARD_DNS=\"10.0.0.1 a/b\"", "5:25 WIREGUARD_DNS=: a/b"),
    Row("WIREGUARD_DNS= '10.0.0.1' \t \",a/b\"", "5:31 WIREGUARD_DNS=: a/b"),
    // Two pieces make one item, whose place is that of its beginning.
    Row("WIREGUARD_DNS='10.0.0.1,a' '/b'", "5:25 WIREGUARD_DNS=: a/b"),
    Row("WIREGUARD_DNS='10.0.0.1,' 'a'/b", "5:28 WIREGUARD_DNS=: a/b"),
    Row("WIREGUARD_DNS=10.0.0.1,a\\\n/b", "5:24 WIREGUARD_DNS=: a/b"),
    // Several lines, within quotes or joined by a backslash.
    Row("WIREGUARD_DNS=\"10.0.0.1\n  10.0.0.2 a/b\"", "6:12 WIREGUARD_DNS=: a/b"),
    Row("WIREGUARD_DNS='\n\n10.0.0.1\na/b\n'", "8:1 WIREGUARD_DNS=: a/b"),
    Row("WIREGUARD_DNS=\"10.0.0.1\r\na/b\r\n\"", "6:1 WIREGUARD_DNS=: a/b"),
    Row("WIREGUARD_DNS=10.0.0.1,\\\na/b", "6:1 WIREGUARD_DNS=: a/b"),
    Row("WIREGUARD_DNS=10.0.0.1,\\\n  10.0.0.2,\\\n\ta/b", "7:2 WIREGUARD_DNS=: a/b"),
    Row("WIREGUARD_DNS=\"10.0.0.1,\\\n  a/b\"", "6:3 WIREGUARD_DNS=: a/b"),
    // Escapes are longer in the file than in the value.
    Row("WIREGUARD_DNS=1\\0.0.0.\\1,a/b", "5:26 WIREGUARD_DNS=: a/b"),
    Row("WIREGUARD_DNS=\"10.0.0.1,\\`a\\$\"", "5:26 WIREGUARD_DNS=: `a$"),
    Row("WIREGUARD_DNS=\"10.0.0.1,\\a\"", "5:25 WIREGUARD_DNS=: \\a"),
    Row("WIREGUARD_DNS=10.0.0.1\\,\\a/b", "5:26 WIREGUARD_DNS=: a/b"),
    // What is only wrong beside other items or keys.
    Row(
      "WIREGUARD_ALLOWED_IPS=10.0.0.0/8,\\\n10.0.0.1/8\nWIREGUARD_DNS=\"10.0.0.1\n11.0.0.1\"",
      "6:1 WIREGUARD_ALLOWED_IPS=: 10.0.0.1/8",
      "8:1 WIREGUARD_DNS=: the server 11.0.0.1 is in none of the networks of"
        + " WIREGUARD_ALLOWED_IPS=, so no question could reach it; add 11.0.0.1/32 there; VPN work"),
    Row(
      "TUNNEL_INIT_IP_ADDRESSES='10.9.0.1\n10.9.0.5'\n"
        + "TUNNEL_VPN_IP_ADDRESSES=\"10.9.0.2\n10.9.0.5,10.9.0.2\"",
      "8:1 TUNNEL_VPN_IP_ADDRESSES=: both ends of the tunnel have the address 10.9.0.5; allowed:"
        + " two addresses of one network; VPN work",
      "8:10 TUNNEL_VPN_IP_ADDRESSES=: 10.9.0.2"),
    // Without items the value itself is the place.
    Row("TUNNEL_INIT_IP_ADDRESSES=\" ,\n\"", "5:26 TUNNEL_INIT_IP_ADDRESSES=:  ,\\x0a"),
    // A part of a key may be in another item.
    Row(
      "WIREGUARD_DNS=a/b,\(TestKeys.privateKey)",
      "5:15 WIREGUARD_DNS=: (not shown, it may be a key)"),
  ]

  @Test(arguments: environmentRows) func environment(_ row: Row) throws {
    let found = try places(minimalConfig + row.list + "\n")
    #expect(found.count == row.expected.count)
    for (one, expected) in zip(found, row.expected) { #expect(one.hasPrefix(expected)) }
  }

  /// The lines begin in line 9.
  static let providerRows: [Row] = [
    Row("AllowedIPs = 10.0.0.0/8, x", "9:26 AllowedIPs=: x"),
    Row("AllowedIPs = 10.0.0.0/8\nallowedIPs=11.0.0.0/8,x # y", "10:23 allowedIPs=: x"),
    Row("AllowedIPs = 10.0.0.0/8\n  AllowedIPs = 10.1.0.0/8", "10:16 AllowedIPs=: 10.1.0.0/8"),
    // wg drops all blanks, also within an item.
    Row("Allowed IPs = 10. 0.0.0/8 , 1 1.1.0.0 / 8", "9:29 AllowedIPs=: 11.1.0.0/8"),
    Row("AllowedIPs = 10.0.0.0/8\t,\u{b}x", "9:27 AllowedIPs=: x"),
    Row("[Interface]\nAddress = fd00::2, x", "10:20 Address=: x"),
    Row("[Interface]\nAddress = fd00::2 x", "10:19 Address=: x"),
    Row("[Interface]\nAddress = fd00::2\naddress = fd00::3,fd00::2", "11:19 address=: fd00::2"),
    Row("[Interface]\nAddress = fd00::2,0::0", "10:19 Address=: 0::0"),
    Row("[Interface]\nDNS = 10.0.0.1\nDNS = corp, a/b", "11:13 DNS=: a/b"),
    Row(
      "[Tunnel]\nHostAddress=10.9.0.1\nHostAddress=10.9.0.5\nAddress=10.9.0.2\nAddress=10.9.0.5",
      "13:9 Address=: both ends of the tunnel have the address 10.9.0.5"),
  ]

  @Test(arguments: providerRows) func provider(_ row: Row) throws {
    let found = try places(minimalProviderFile + row.list + "\n")
    #expect(found.count == row.expected.count)
    for (one, expected) in zip(found, row.expected) { #expect(one.hasPrefix(expected)) }
  }

  /// A list of a line for each item, and a backslash before each byte: soon, however long.
  @Test(.timeLimit(.minutes(1))) func longLists() throws {
    let items = (0..<20_000).map { "\\1\\0.\($0 >> 8).\($0 & 255).0/24,\\\n" }
    let text = minimalConfig + "WIREGUARD_ALLOWED_IPS=\(items.joined())10.255.255.1/24\n"
    #expect(
      try load(text).diagnostics.map(\.location.description) == ["/c/work.conf:20005:1"])
  }
}
