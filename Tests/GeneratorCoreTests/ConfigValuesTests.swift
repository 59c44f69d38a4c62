import SystemCalls
import Testing

@testable import GeneratorCore

/// Each kind of value: what is read, and what is refused with which words.
@Suite struct ConfigValuesTests {
  /// The problem that a parser found, or nil when it took the value.
  private func problem<Value>(_ parse: () throws(ValueFault) -> Value) -> String? {
    do throws(ValueFault) {
      _ = try parse()
      return nil
    } catch {
      // Every refusal says what would have been right.
      return error.allowed.isEmpty ? "no hint" : error.problem
    }
  }

  @Test(arguments: ["vpn", "a", "_", "-x", "a.b", "a+b@c:d", String(repeating: "n-", count: 100)])
  func namespaceNames(_ text: String) throws {
    #expect(try parseNamespaceName(text) == text)
  }

  @Test(arguments: [
    ("", "is not a namespace name"), (".a", "is not a namespace name"),
    ("..", "is not a namespace name"), ("a/b", "is not a namespace name"),
    ("ä", "is not a namespace name"), ("a%b", "is not a namespace name"),
    (String(repeating: "n-", count: 100) + "n", "is not a namespace name"),
    (String(repeating: "n", count: 40), "is not a namespace name"),
    ("a b", "has a blank; one file makes one namespace"),
    ("a\nb", "has a blank; one file makes one namespace"),
  ])
  func badNamespaceNames(text: String, expected: String) {
    #expect(problem { () throws(ValueFault) in try parseNamespaceName(text) } == expected)
  }

  @Test(arguments: ["wg0", "a", "wg-vpn.1_+=", "123456789012345", "...", "LO"])
  func interfaceNames(_ text: String) throws {
    #expect(try parseInterfaceName(text) == text)
  }

  @Test(arguments: [
    ("", "is not an interface name"), (".", "is not an interface name"),
    ("..", "is not an interface name"), ("lo", "is not an interface name"),
    ("all", "is not an interface name"), ("default", "is not an interface name"),
    ("a b", "is not an interface name"), ("a/b", "is not an interface name"),
    ("a:b", "is not an interface name"), ("a%d", "is not an interface name"),
    ("wgü", "is not an interface name"), ("a\nb", "is not an interface name"),
    ("1234567890123456", "is 16 bytes long, too long for an interface"),
  ])
  func badInterfaceNames(text: String, expected: String) {
    #expect(problem { () throws(ValueFault) in try parseInterfaceName(text) } == expected)
  }

  @Test(arguments: [
    "/a", "/etc/wireguard/key file", "/a.b/..c/...", "/100%/$x\"\\", "/ä", "/a=b",
    "/run/credentials/of/a/very/long/path/without/dashes",
  ])
  func paths(_ text: String) throws {
    #expect(try parseAbsolutePath(text) == text)
  }

  @Test(arguments: [
    "", "a", "./a", "/", "/a/", "//a", "/a//b", "/a/./b", "/a/..", "/a/../b", "/a:b", "/a\nb",
    "/a\u{7f}", "/a ", "/" + String(repeating: "x", count: 4095), "~/key",
  ])
  func badPaths(_ text: String) {
    #expect(
      problem { () throws(ValueFault) in try parseAbsolutePath(text) } == "is not a file's path")
  }

  /// Units name paths, and everybody may read units.
  @Test func keysAreNoPaths() {
    for text in ["/keyX=\(TestKeys.privateKey)", "/A" + TestKeys.privateKey.dropFirst(2)] {
      #expect(
        problem { () throws(ValueFault) in try parseAbsolutePath(text) }
          == "looks like a key, not a path")
    }
  }

  /// On systemd 257 a unit with `LoadCredential=x:/a b` fails: "Failed to deserialize".
  @Test(arguments: ["/a b", "/a\\b", "/a\\"])
  func pathsThatNewerSystemdsCannotLoad(_ text: String) throws {
    let expected = "is a path that newer systemds cannot load a credential from"
    #expect(problem { () throws(ValueFault) in try parseCredentialPath(text) } == expected)
    #expect(problem { () throws(ValueFault) in try parseCredential(text) } == expected)
    #expect(try parseAbsolutePath(text) == text)
  }

  @Test(arguments: ["/etc/wireguard/key", "/100%/$x\"'#;", "/ä"])
  func credentialPaths(_ text: String) throws {
    #expect(try parseCredentialPath(text) == text)
    #expect(try parseCredential(text) == text)
  }

  @Test(arguments: ["work.key", "a", "/etc/credstore.encrypted/work", "A_1-b"])
  func credentials(_ text: String) throws {
    #expect(try parseCredential(text) == text)
  }

  @Test(arguments: [
    "", "a b", "a/b", "a:b", "/a:b", "ä", String(repeating: "x-", count: 128),
    String(repeating: "x", count: 40),
  ])
  func badCredentials(_ text: String) {
    #expect(problem { () throws(ValueFault) in try parseCredential(text) } != nil)
  }

  @Test(arguments: ["wireguard-go", "/usr/bin/boringtun-cli", "wg+1_.x"])
  func programs(_ text: String) throws {
    #expect(try parseProgram(text) == text)
  }

  @Test(arguments: ["", "a b", "bin/a", "a;b", "/", "$x", "-v\n"])
  func badPrograms(_ text: String) {
    #expect(problem { () throws(ValueFault) in try parseProgram(text) } != nil)
  }

  /// What a key of a list reads, or the first fault.
  private func items<Item>(
    of text: String, _ parse: (Substring) throws(ValueFault) -> Item
  ) throws(ValueFault) -> [Item] {
    var items: [Item] = []
    for item in listItems(text) { items.append(try parse(item.text)) }
    return items
  }

  @Test(arguments: [
    ("10.0.0.2", "10.0.0.2/32"), ("10.0.0.2/8", "10.0.0.2/8"), ("fd00::2", "fd00::2/128"),
    ("10.0.0.1/32,fd00::1/128", "10.0.0.1/32 fd00::1/128"),
    (
      " 10.0.0.1 , ,10.0.0.2\t10.0.0.3\n10.0.0.4\r\n10.0.0.5\u{b} ",
      "10.0.0.1/32 10.0.0.2/32 10.0.0.3/32 10.0.0.4/32 10.0.0.5/32"
    ),
    ("FD00:0::0002/064", "fd00::2/64"), ("", ""), (" , ", ""),
  ])
  func addresses(text: String, expected: String) throws {
    let found = try items(of: text, parseAddress)
    #expect(found.map(\.description).joined(separator: " ") == expected)
  }

  private static func prefixLength(_ bits: Int) -> String {
    "has a prefix length that is not a number from 0 to \(bits)"
  }

  @Test(arguments: [
    ("10.0.0.1/33", prefixLength(32)), ("fd00::/129", prefixLength(128)),
    ("10.0.0.1/", prefixLength(32)), ("10.0.0.1/-1", prefixLength(32)),
    ("10.0.0.1/+1", prefixLength(32)), ("10.0.0.1/8/8", prefixLength(32)),
    ("10.0.0", "is not an address"), ("10.0.0.256", "is not an address"),
    ("010.0.0.1", "is not an address"), ("fe80::1%eth0", "is not an address"),
    ("host", "is not an address"), ("10.0.0.1,,2,10", "is not an address"),
    ("fd00::2\u{2028}fd00::3", "is not an address"),
    ("0.0.0.0/0", "is the unspecified address"), ("::", "is the unspecified address"),
  ])
  func badAddresses(text: String, expected: String) {
    #expect(problem { () throws(ValueFault) in try items(of: text, parseAddress) } == expected)
  }

  @Test(arguments: [
    // Host bits stay: the validator warns about them.
    ("0.0.0.0/0,::0/0", "0.0.0.0/0 ::/0"), ("10.1.2.3/8", "10.1.2.3/8"), ("", ""),
    ("10.1.2.3/8 10.0.0.0/8", "10.1.2.3/8 10.0.0.0/8"), ("fd00::1", "fd00::1/128"),
  ])
  func allowedIPs(text: String, expected: String) throws {
    let found = try items(of: text, parseAllowedIP)
    #expect(found.map(\.description).joined(separator: " ") == expected)
  }

  @Test(arguments: ["+", "-"]) func changesOfAllowedIPs(sign: String) {
    let expected =
      "begins with '\(sign)', as for a change of a list; a file has the whole list, and wg"
      + " 1.0.20210914 refuses it, too"
    for item in ["10.0.0.0/8", "fd00::/8", "", "x"] {
      #expect(
        problem { () throws(ValueFault) in
          try items(of: "10.1.0.0/16,\(sign)\(item)", parseAllowedIP)
        }
          == expected)
    }
    #expect(
      problem { () throws(ValueFault) in try items(of: "\(sign)10.0.0.1", parseAddress) }
        == "is not an address")
  }

  @Test(arguments: [
    ("", []), ("10.64.0.1", ["server 10.64.0.1"]), ("fd00::53", ["server fd00::53"]),
    (
      "10.64.0.1, example.org ,,fd00::1\tcorp",
      ["server 10.64.0.1", "search example.org", "server fd00::1", "search corp"]
    ),
    ("_tcp.a-b.Example", ["search _tcp.a-b.Example"]),
  ])
  func dns(text: String, expected: [String]) throws {
    let found = try items(of: text, parseDNSEntry).map { entry in
      switch entry {
      case .server(let address): "server \(address)"
      case .searchDomain(let domain): "search \(domain)"
      }
    }
    #expect(found == expected)
  }

  @Test(arguments: [
    "10.64.0", "10.64.0.1/32", "10.64.0.1:53", "[fd00::1]", "fd00::1%eth0", "a..b", ".org", "-a.b",
    "ä.org", "https://a", "~.", "256.1.1.1", String(repeating: "l", count: 64),
  ])
  func badDNS(_ text: String) {
    #expect(
      problem { () throws(ValueFault) in try items(of: "10.64.0.1,\(text)", parseDNSEntry) }
        == "is neither an address nor a domain")
  }
}
