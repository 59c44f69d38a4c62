import Testing

@testable import GeneratorCore

/// What two files cannot both have of what is inside: services, and ports that lead there.
@Suite struct ConfinementClashesTests {
  private static let directory = "/etc/namespaced-wireguard-vpn.d"
  private static let otherKey = "4PdSUsGkVYsdDgx35pKSYBa/7E30OK9dWk2f1XzCOVE="

  /// A line of `b.conf` and one of `c.conf`, line 5 in both, and what is said of `c.conf`: a
  /// column, a value, and which kind of claim it is.
  static let rows: [(first: String, second: String, expected: [(Int, String, String)])] = [
    (
      "PUBLISH=127.0.0.1:80,[::1]:80:1", "PUBLISH=127.0.0.1:80:2,[::1]:81,[0::1]:80",
      [(9, "127.0.0.1:80", published), (33, "[::1]:80", published)]
    ),
    ("PUBLISH=127.0.0.1:80", "PUBLISH=127.0.0.1:81:80,127.0.0.2:80", []),
    (
      "TUNNEL_PORT_FORWARDS=eth0:80/tcp,eth0:81/tcp",
      "TUNNEL_PORT_FORWARDS=eth0:80:8080/tcp,eth0:81/udp,eth1:80/tcp",
      [(22, "eth0:80/tcp", forwarded)]
    ),
    // What arrives at an interface and what is sent to an address are not compared.
    ("TUNNEL_PORT_FORWARDS=eth0:80/tcp", "PUBLISH=192.0.2.7:80", []),
    (
      "ATTACH_UNITS=x.service,y.service", "ATTACH_UNITS=\"y.socket x.service\tz.service\"",
      [(15, "y.socket", attached), (24, "x.service", attached)]
    ),
    // With its socket a service belongs to whoever has either.
    ("ATTACH_UNITS=x.socket", "ATTACH_UNITS=x@.service", [(14, "x@.service", attached)]),
    ("ATTACH_UNITS=x@.service", "ATTACH_UNITS=x@a.service,x.service", []),
  ]

  private static let published =
    "the published address of \(directory)/b.conf:5, which comes first; allowed: an address and"
    + " port that no other file has"
  private static let forwarded =
    "the forwarded port of \(directory)/b.conf:5, which comes first; allowed: a port that no other"
    + " file has"
  private static let attached =
    "an attached unit of \(directory)/b.conf:5, which comes first; allowed: a unit that no other"
    + " file names"

  private static func error(_ line: String, _ column: Int, _ value: String, _ what: String)
    -> String
  {
    let key = line.prefix { $0 != "=" }
    return "error: \(directory)/c.conf:5:\(column): \(key)=: '\(value)' is also \(what); VPN 'c'"
      + " does not start"
  }

  @Test(arguments: rows)
  func clash(first: String, second: String, expected: [(Int, String, String)]) throws {
    let root = try TemporaryDirectory()
    try root.writeConfig("b", minimalConfig + first + "\n")
    let alone = try Generated(root)
    #expect(alone.messages == [])
    try root.writeConfig(
      "c", minimalConfig.replacing(TestKeys.privateKey, with: Self.otherKey) + second + "\n")
    let both = try Generated(root)
    #expect(both.messages == expected.map { Self.error(second, $0, $1, $2) })
    // Whatever the second file says, the first one's units are the same to the byte.
    let others = alone.units.entries.filter { !$0.key.contains("50-instances.conf") }
    #expect(others.count >= 5)
    for (path, entry) in others { #expect(both.units.entries[path] == entry) }
  }

  /// What a file with a fault attaches is its own all the same: it must not run anywhere else.
  @Test func faultyFileKeepsItsServices() throws {
    let root = try TemporaryDirectory()
    try root.writeConfig("b", minimalConfig + "ATTACH_UNITS=x.service\nWIREGUARD_NAME=/\n")
    try root.writeConfig("c", minimalConfig + "ATTACH_UNITS=x.service,y.service\n")
    let generated = try Generated(root)
    #expect(generated.messages.count == 2)
    #expect(
      generated.messages.last
        == Self.error("ATTACH_UNITS=", 14, "x.service", Self.attached))
    for (unit, name) in [("x", "b"), ("y", "c")] {
      let dropIn = generated.lines("\(unit).service.d/50-namespaced-wireguard-vpn.conf")
      #expect(dropIn.contains("NetworkNamespacePath=/run/netns/\(name)"))
    }
  }
}
