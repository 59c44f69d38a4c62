import Testing

@testable import GeneratorCore

/// `ATTACH_UNITS=`, `PUBLISH=` and `TUNNEL_PORT_FORWARDS=`: what each value means, and the exact
/// words with which others are refused.
@Suite struct ConfinementValuesTests {
  /// What a file with that line adds to the summary of one without.
  private func added(_ line: String) throws -> [String] {
    let loaded = try load(minimalConfig + line + "\n")
    #expect(loaded.diagnostics.map(\.description) == [])
    let plain = try #require(load(minimalConfig).instance).summary
    return try #require(loaded.instance).summary.filter { !plain.contains($0) }
  }

  /// The messages about line 5, from the column on, without what follows from them.
  private func refused(_ key: String, _ value: String) throws -> [String] {
    let loaded = try load(minimalConfig + "\(key)=\(value)\n")
    #expect(loaded.instance == nil)
    let start = "/c/work.conf:5:"
    let end = "; VPN 'work' does not start"
    return loaded.diagnostics.map(\.description).map { text in
      #expect(text.hasPrefix(start) && text.hasSuffix(end))
      return String(text.dropFirst(start.count).dropLast(end.count))
    }
  }

  @Test(arguments: [
    ("", []), (" , ", []), ("127.0.0.1:9091", ["127.0.0.1:9091 from 9091"]),
    ("127.0.0.1:1:65535", ["127.0.0.1:1 from 65535"]), ("[::1]:80", ["[::1]:80 from 80"]),
    ("[2001:DB8:0::7]:443:8443", ["[2001:db8::7]:443 from 8443"]),
    ("0.0.0.0:80,[::]:80", ["0.0.0.0:80 from 80", "[::]:80 from 80"]),
    ("127.0.0.1:80 127.0.0.2:80", ["127.0.0.1:80 from 80", "127.0.0.2:80 from 80"]),
    // Two ways in to one port.
    ("127.0.0.1:80:1 127.0.0.1:81:1", ["127.0.0.1:80 from 1", "127.0.0.1:81 from 1"]),
  ])
  func publications(value: String, expected: [String]) throws {
    #expect(try added("PUBLISH=\"\(value)\"") == expected.map { "publish \($0)" })
  }

  private static let publicationForm =
    "is not an address with a port; allowed: ADDRESS:PORT or ADDRESS:PORT:PORT-INSIDE, like"
    + " 127.0.0.1:9091 or [::1]:9091, with ports from 1 to 65535"

  @Test(arguments: [
    "9091", ":9091", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:-1",
    "127.0.0.1:+1", "127.0.0.1:1:", "127.0.0.1::1", "127.0.0.1:1:0", "127.0.0.1:1:65536",
    "127.0.0.1:1:1:1", "127.0.0.1:1/tcp", "127.0.0.1:http", "127.0.0.256:1", "127.1:1",
    "localhost:1", "*:1", "::1:1", "[::1]", "[::1]:", "[::1]1", "[::1", "::1]:1", "[]:1",
    "[127.0.0.1]:1", "[::1%lo]:1", "[::1]:1:", "[::1]:1:x", "127.0.0.1:١", "a=b",
  ])
  func malformedPublication(_ item: String) throws {
    #expect(try refused("PUBLISH", item) == ["9: PUBLISH=: '\(item)' \(Self.publicationForm)"])
    #expect(
      try refused("PUBLISH", "127.0.0.9:1,\(item)")
        == ["21: PUBLISH=: '\(item)' \(Self.publicationForm)"])
  }

  @Test(arguments: [
    ("127.0.0.1:80,127.0.0.1:80", 22, "127.0.0.1:80"),
    ("127.0.0.1:80 127.0.0.1:80:81", 22, "127.0.0.1:80"),
    ("[::1]:80 [0:0::1]:80", 18, "[::1]:80"),
  ])
  func publicationTwice(value: String, column: Int, listen: String) throws {
    #expect(
      try refused("PUBLISH", value) == [
        "\(column): PUBLISH=: '\(listen)' is there before, in line 5; allowed: each address and"
          + " port once"
      ])
  }

  @Test(arguments: [
    ("", []), ("eth0:8000/tcp", ["eth0:8000/tcp to 8000"]),
    ("eth0:1:65535/udp", ["eth0:1/udp to 65535"]),
    ("eth0:80/tcp,eth0:80/udp wlan0:80/tcp", ["eth0:80/tcp to 80", "eth0:80/udp to 80"]),
    ("br-lan.100:80/tcp", ["br-lan.100:80/tcp to 80"]),
  ])
  func portForwards(value: String, expected: [String]) throws {
    let more = value.contains("wlan0") ? ["wlan0:80/tcp to 80"] : []
    #expect(
      try added("TUNNEL_PORT_FORWARDS=\"\(value)\"") == (expected + more).map { "forward \($0)" })
  }

  private static let forwardForm =
    "is not a port of an interface; allowed: INTERFACE:PORT/PROTOCOL or"
    + " INTERFACE:PORT:PORT-INSIDE/PROTOCOL, like eth0:8000/tcp, with ports from 1 to 65535 and tcp"
    + " or udp"

  @Test(arguments: [
    "8000", "8000/tcp", "eth0", "eth0/tcp", "eth0:/tcp", "eth0:80", "eth0:80/", "eth0:80/TCP",
    "eth0:80/sctp", "eth0:80/tcp/udp", "eth0:0/tcp", "eth0:65536/tcp", "eth0:-1/tcp",
    "eth0:80:/tcp", "eth0::80/tcp", "eth0:80:0/tcp", "eth0:80:65536/tcp", "eth0:80:81:82/tcp",
    "eth0:80-90/tcp", ":80/tcp", "lo:80/tcp", "all:80/tcp", "default:80/tcp", ".:80/tcp",
    "a/b:80/tcp", "interface-too-long:80/tcp", "192.0.2.1:x/tcp", "[::1]:80/tcp", "eth0:٨/tcp",
    "e*:80/tcp",
  ])
  func malformedPortForward(_ item: String) throws {
    #expect(
      try refused("TUNNEL_PORT_FORWARDS", item)
        == ["22: TUNNEL_PORT_FORWARDS=: '\(item)' \(Self.forwardForm)"])
  }

  /// What each rule is told apart by is the interface, the port and the protocol.
  @Test(arguments: ["eth0:80/tcp,eth0:80/tcp", "eth0:80/tcp eth0:80:81/tcp"])
  func portForwardTwice(_ value: String) throws {
    #expect(
      try refused("TUNNEL_PORT_FORWARDS", value) == [
        "34: TUNNEL_PORT_FORWARDS=: 'eth0:80/tcp' is there before, in line 5; allowed: each port"
          + " once"
      ])
  }

  /// Lines add up, and what one line holds another must not.
  @Test func itemsOfSeveralLinesAreCompared() throws {
    let text =
      minimalProviderFile + """
        [Namespace]
        Publish = 127.0.0.1:80
        Publish = 127.0.0.2:80, 127.0.0.1:80:8080
        [Tunnel]
        PortForwards = eth0:80/tcp
        PortForwards = eth0:80:8080/tcp

        """
    #expect(
      try load(text).diagnostics.map(\.description) == [
        "/c/work.conf:11:25: Publish=: '127.0.0.1:80' is there before, in line 10; allowed: each"
          + " address and port once; VPN 'work' does not start",
        "/c/work.conf:14:16: PortForwards=: 'eth0:80/tcp' is there before, in line 13; allowed:"
          + " each port once; VPN 'work' does not start",
      ])
  }
}
