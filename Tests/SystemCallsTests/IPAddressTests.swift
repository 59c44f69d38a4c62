import SystemCalls
import Testing

@Suite struct IPAddressTests {
  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
    ("::", "::"), ("2001:DB8:0:0::1", "2001:db8::1"), ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
    ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
  ])
  func reads(text: String, expected: String) throws {
    let address = try #require(IPAddress(text))
    #expect(address.description == expected)
    #expect(address.family == (text.contains(":") ? .ipv6 : .ipv4))
    #expect(address.bytes.count * 8 == address.family.bits)
  }

  @Test(arguments: [
    "", " ", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "0x1.2.3.4", "1.2.3.4 ", " 1.2.3.4",
    "1.2.3.4\0", "1.2.3.4\0x", "::g", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "fe80::1%lo",
    "[::1]", "12345::", "1.2.3.4/8", "١.2.3.4",
  ])
  func refuses(_ text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test(arguments: [0, 1, 3, 5, 15, 17])
  func refusesOtherCounts(_ count: Int) {
    #expect(IPAddress(bytes: [UInt8](repeating: 1, count: count)) == nil)
  }

  @Test func unspecified() {
    #expect(IPAddress("0.0.0.0")?.isUnspecified == true && IPAddress("::")?.isUnspecified == true)
    #expect(IPAddress("0.0.0.1")?.isUnspecified == false)
  }

  @Test func socketAddresses() throws {
    let ipv4 = try #require(IPAddress("192.0.2.1"))
    let ipv6 = try #require(IPAddress("2001:db8::1"))
    #expect(SocketAddress(ipv4, port: 51820).description == "192.0.2.1:51820")
    #expect(SocketAddress(ipv6, port: 1).description == "[2001:db8::1]:1")
  }
}

@Suite struct IPPrefixTests {
  private func prefix(_ text: String) throws -> IPPrefix {
    let parts = text.split(separator: "/")
    let address = try #require(IPAddress(parts[0]))
    let length = try #require(Int(parts[1]))
    return try #require(IPPrefix(address, length: length))
  }

  @Test(arguments: [("1.2.3.4", -1), ("1.2.3.4", 33), ("::1", -1), ("::1", 129)])
  func lengthsHaveLimits(address: String, length: Int) throws {
    let address = try #require(IPAddress(address))
    #expect(IPPrefix(address, length: length) == nil)
  }

  @Test(arguments: [
    ("255.255.255.255/0", "0.0.0.0/0"), ("255.255.255.255/1", "128.0.0.0/1"),
    ("255.255.255.255/7", "254.0.0.0/7"), ("255.255.255.255/8", "255.0.0.0/8"),
    ("255.255.255.255/9", "255.128.0.0/9"), ("255.255.255.255/30", "255.255.255.252/30"),
    ("255.255.255.255/31", "255.255.255.254/31"), ("1.2.3.4/32", "1.2.3.4/32"),
    ("ffff::ffff/0", "::/0"), ("ffff::ffff/15", "fffe::/15"), ("ffff::ffff/127", "ffff::fffe/127"),
    ("ffff::ffff/128", "ffff::ffff/128"), ("2001:db8:1:2::3/64", "2001:db8:1:2::/64"),
  ])
  func network(text: String, expected: String) throws {
    let given = try prefix(text)
    #expect(given.network.description == expected && given.description == text)
    #expect(given.network.network == given.network)
  }

  @Test(arguments: [
    ("0.0.0.0/0", "255.255.255.255/32", true), ("10.0.0.0/8", "10.255.255.255/32", true),
    ("10.0.0.0/8", "11.0.0.0/32", false), ("10.1.2.3/8", "10.9.9.9/16", true),
    ("10.0.0.0/16", "10.0.0.0/8", false), ("10.0.0.0/8", "10.0.0.0/8", true),
    ("10.0.0.1/32", "10.0.0.1/32", true), ("10.0.0.1/32", "10.0.0.2/32", false),
    ("::/0", "ffff::/128", true), ("::/0", "1.2.3.4/32", false), ("0.0.0.0/0", "::/0", false),
    ("fd00::/8", "fdff::1/128", true), ("fd00::1/128", "fd00::1/128", true),
    ("fd00::1/128", "fd00::/127", false),
  ])
  func contains(outer: String, inner: String, expected: Bool) throws {
    #expect(try prefix(outer).contains(prefix(inner)) == expected)
  }

  @Test(arguments: [
    ("10.0.0.0/16", "10.0.0.0/8", true), ("10.0.0.0/30", "10.0.0.4/30", false),
    ("10.0.0.3/30", "10.0.0.1/30", true), ("0.0.0.0/0", "1.2.3.4/32", true),
    ("0.0.0.0/0", "::/0", false),
  ])
  func overlaps(one: String, other: String, expected: Bool) throws {
    #expect(try prefix(one).overlaps(prefix(other)) == expected)
    #expect(try prefix(other).overlaps(prefix(one)) == expected)
  }
}
