import Testing

@testable import GeneratorCore

@Suite struct EndpointTests {
  @Test(arguments: [
    ("192.0.2.1:51820", "192.0.2.1:51820", false), ("[2001:db8::1]:1", "[2001:db8::1]:1", false),
    ("[2001:DB8:0::1]:65535", "[2001:db8::1]:65535", false),
    ("vpn.example.org:51820", "vpn.example.org:51820", true), ("localhost:1", "localhost:1", true),
    ("vpn.example.org.:51820", "vpn.example.org.:51820", true),
    ("localhost.:1", "localhost.:1", true),
    ("1a.example:80", "1a.example:80", true), ("a_b-c:00080", "a_b-c:80", true),
    (
      String(repeating: "l", count: 63) + ".org:1", String(repeating: "l", count: 63) + ".org:1",
      true
    ),
  ])
  func reads(text: String, expected: String, isName: Bool) throws {
    let endpoint = try Endpoint(parsing: text)
    #expect(endpoint.description == expected && endpoint.isName == isName)
  }

  static let noPort = "does not end in a port from 1 to 65535"
  @Test(arguments: [
    ("", "has no port"), ("1.2.3.4", "has no port"), ("example.org", "has no port"),
    ("[::1]", "has no port"), ("::1", "has no port, or its IPv6 address no brackets"),
    ("2001:db8::1:5182", "has no port, or its IPv6 address no brackets"),
    ("1.2.3.4:", noPort), ("1.2.3.4:0", noPort), ("1.2.3.4:65536", noPort),
    ("1.2.3.4:-1", noPort), ("1.2.3.4:+1", noPort), ("1.2.3.4: 1", noPort), ("a:b", noPort),
    ("1.2.3.4:51820 ", noPort), ("1.2.3.4:0x1", noPort),
    (":1", "holds '', which is no host"), ("1.2.3:1", "holds '1.2.3', which is no host"),
    ("1.2.3.4.5:1", "holds '1.2.3.4.5', which is no host"),
    ("256.1.1.1:1", "holds '256.1.1.1', which is no host"),
    ("a b:1", "holds 'a b', which is no host"), ("-a:1", "holds '-a', which is no host"),
    ("a..b:1", "holds 'a..b', which is no host"), ("a..:1", "holds 'a..', which is no host"),
    (".:1", "holds '.', which is no host"), ("1.2.3.4.:1", "holds '1.2.3.4.', which is no host"),
    (".a:1", "holds '.a', which is no host"), ("[::1.]:1", "has no IPv6 address in its brackets"),
    ("ä.org:1", "holds 'ä.org', which is no host"),
    ("https://a:1", "holds 'https://a', which is no host"),
    ("1:2:3:4:5:6:7::8:51820:99", "holds '1:2:3:4:5:6:7::8:51820', which is no host"),
    ("2001:db8::1:51820", "has an IPv6 address without brackets"),
    ("[1.2.3.4]:1", "has no IPv6 address in its brackets"),
    ("[]:1", "has no IPv6 address in its brackets"),
    ("[fe80::1%eth0]:1", "has no IPv6 address in its brackets"),
    ("0.0.0.0:1", "is the unspecified address, which nobody has"),
    ("[::]:1", "is the unspecified address, which nobody has"),
  ])
  func refuses(text: String, problem: String) {
    #expect {
      try Endpoint(parsing: text)
    } throws: { error in
      (error as? ValueFault)?.problem == problem
    }
  }

  @Test func hostNamesHaveALimit() throws {
    let labels = Array(repeating: String(repeating: "l", count: 61), count: 4)
    let name = labels.joined(separator: ".") + ".abcd"
    #expect(name.utf8.count == 252)
    #expect(try Endpoint(parsing: "\(name)e:1").isName)
    #expect(throws: ValueFault.self) { try Endpoint(parsing: "\(name)ef:1") }
    // The dot at the end is no part of it.
    #expect(try Endpoint(parsing: "\(name)e.:1").isName)
    #expect(throws: ValueFault.self) { try Endpoint(parsing: "\(name)ef.:1") }
    #expect(throws: ValueFault.self) {
      try Endpoint(parsing: String(repeating: "l", count: 64) + ".org:1")
    }
  }
}
