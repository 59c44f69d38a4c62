import SystemCalls
import Testing

@testable import GeneratorCore

/// What two files cannot both have: the earlier name keeps it, and the message names both files.
@Suite struct InstanceClashesTests {
  private static let directory = "/etc/namespaced-wireguard-vpn.d"

  /// Keys of their own: one key in two files has a message of its own.
  private static func config(_ privateKey: String, _ lines: String) -> String {
    minimalConfig.replacing(TestKeys.privateKey, with: privateKey) + lines
  }
  private static let otherKey = "4PdSUsGkVYsdDgx35pKSYBa/7E30OK9dWk2f1XzCOVE="
  private static let thirdKey = "kGE7nbmDvNRdGv5fGdxdRxdX84l0K2pvfjpcsoxpDmM="

  /// Lines of `b.conf` and `c.conf`, the first of which is line 5, and what is said of `c.conf`.
  static let rows: [(first: String, second: String, expected: [String])] = [
    ("", "", []),
    ("NETNS_NAME=vpn\n", "\nNETNS_NAME=vpn\n", [namespace(":6:12", "'vpn'", ":5")]),
    ("#\nNETNS_NAME=vpn\n", "NETNS_NAME= \"vpn\"\n", [namespace(":5:12", "'vpn'", ":6")]),
    // The default of one is what the other says: a default has no line.
    ("NETNS_NAME=c\n", "", [namespace("", "the default 'c'", ":5")]),
    ("", "NETNS_NAME=b\n", [namespace(":5:12", "'b'", " (its default)")]),
    ("", "TUNNEL_INIT_NAME=veth-b0\n", [interface(":5:18", "'veth-b0'", " (its default)")]),
    ("TUNNEL_INIT_NAME=veth-c0\n", "", [interface("", "the default 'veth-c0'", ":5")]),
    ("TUNNEL_INIT_NAME=x\n", "TUNNEL_INIT_NAME=x\n", [interface(":5:18", "'x'", ":5")]),
    ("TUNNEL_INIT_NAME=x\n", "TUNNEL_INIT_NAME=x\nTUNNEL_ENABLE=no\n", []),
    ("TUNNEL_INIT_NAME=x\nTUNNEL_ENABLE=no\n", "TUNNEL_INIT_NAME=x\n", []),
    // Inside their own namespaces names cannot clash.
    ("TUNNEL_VPN_NAME=x\nWIREGUARD_NAME=y\n", "TUNNEL_VPN_NAME=x\nWIREGUARD_NAME=y\n", []),
    (
      "WIREGUARD_LISTEN_PORT=51820\n", "\n\nWIREGUARD_LISTEN_PORT=51820\n",
      [
        ":7:23: WIREGUARD_LISTEN_PORT=: '51820' is also the listen port of \(directory)/b.conf:5,"
          + " which comes first; allowed: a port that no other file has, or 0 for any"
      ]
    ),
    ("WIREGUARD_LISTEN_PORT=0\n", "WIREGUARD_LISTEN_PORT=0\n", []),
    ("WIREGUARD_LISTEN_PORT=1\n", "WIREGUARD_LISTEN_PORT=2\n", []),
    (
      tunnel("10.9.0.1/24", "10.9.0.2/24"), tunnel("10.9.0.5/30", "10.9.0.6/30"),
      [network("5:26", "10.9.0.5/30", "10.9.0.4/30", "10.9.0.0/24", "5")]
    ),
    (
      tunnel("10.9.0.5/30", "10.9.0.6/30"), tunnel("10.9.0.1/24", "10.9.0.2/24"),
      [network("5:26", "10.9.0.1/24", "10.9.0.0/24", "10.9.0.4/30", "5")]
    ),
    // The items of a list have places of their own.
    (
      tunnel("\"10.9.0.1/30\nfd00::1/64\"", "10.9.0.2/30"),
      tunnel("10.9.1.1/30,fd00::5/126", "10.9.1.2/30"),
      [network("5:38", "fd00::5/126", "fd00::4/126", "fd00::/64", "6")]
    ),
    (
      tunnel("10.9.0.1/30,10.9.0.5/30", "10.9.0.2/30"),
      tunnel("10.8.0.1/30,\\\n10.9.0.5/30,10.9.0.1/30", "10.9.1.2/30"),
      [
        network("6:1", "10.9.0.5/30", "10.9.0.4/30", "10.9.0.4/30", "5"),
        network("6:13", "10.9.0.1/30", "10.9.0.0/30", "10.9.0.0/30", "5"),
      ]
    ),
    (tunnel("10.9.0.1/30", "10.9.0.2/30"), tunnel("10.9.0.5/30", "10.9.0.6/30"), []),
    (
      tunnel("10.9.0.1/30", "10.9.0.2/30") + "TUNNEL_ENABLE=no\n",
      tunnel("10.9.0.1/30", "10.9.0.2/30"), []
    ),
    // A network that the file leaves to us gives way.
    (tunnel("10.127.0.1/17", "10.127.0.2/17"), "", []),
    // In the order of the lines, and what has none last.
    (
      "NETNS_NAME=c\nWIREGUARD_LISTEN_PORT=9\nTUNNEL_INIT_NAME=x\n",
      "TUNNEL_INIT_NAME=x\nWIREGUARD_LISTEN_PORT=9\n",
      [
        interface(":5:18", "'x'", ":7"),
        ":6:23: WIREGUARD_LISTEN_PORT=: '9' is also the listen port of \(directory)/b.conf:6,"
          + " which comes first; allowed: a port that no other file has, or 0 for any",
        namespace("", "the default 'c'", ":5"),
      ]
    ),
  ]

  private static func namespace(_ place: String, _ value: String, _ other: String) -> String {
    "\(place): NETNS_NAME=: \(value) is also the namespace of \(directory)/b.conf\(other), which"
      + " comes first; allowed: a name that no other file has"
  }

  private static func interface(_ place: String, _ value: String, _ other: String) -> String {
    "\(place): TUNNEL_INIT_NAME=: \(value) is also the interface on the host of"
      + " \(directory)/b.conf\(other), which comes first; allowed: a name that no other file has"
  }

  private static func tunnel(_ host: String, _ inner: String) -> String {
    "TUNNEL_INIT_IP_ADDRESSES=\(host)\nTUNNEL_VPN_IP_ADDRESSES=\(inner)\n"
  }

  private static func network(
    _ place: String, _ value: String, _ mine: String, _ theirs: String, _ line: String
  ) -> String {
    ":\(place): TUNNEL_INIT_IP_ADDRESSES=: '\(value)' is in \(mine), which overlaps \(theirs), the"
      + " tunnel's network of \(directory)/b.conf:\(line), which comes first; allowed: a network"
      + " that no other file has, or no addresses for either end"
  }

  @Test(arguments: rows)
  func clash(first: String, second: String, expected: [String]) throws {
    let root = try TemporaryDirectory()
    try root.writeConfig("b", Self.config(TestKeys.privateKey, first))
    try root.writeConfig("a", Self.config(Self.thirdKey, ""))
    let alone = try Generated(root)
    #expect(alone.messages == [])
    try root.writeConfig("c", Self.config(Self.otherKey, second))
    let both = try Generated(root)
    #expect(
      both.messages
        == expected.map { "error: \(Self.directory)/c.conf\($0); VPN 'c' does not start" })
    // Whatever the second file says, the others' units are the same to the byte.
    let others = alone.units.entries.filter { $0.key.contains("@a.") || $0.key.contains("@b.") }
    #expect(others.count == (first.contains("TUNNEL_ENABLE=no") ? 8 : 10))
    for (path, entry) in others { #expect(both.units.entries[path] == entry) }
    let start = "ExecStart=\(Generated.paths.stage) \(expected.isEmpty ? "netns up" : "refuse") c"
    let lines = both.lines("namespaced-wireguard-vpn-netns@c.service")
    #expect(lines.contains { $0.hasPrefix(start) })
  }

  /// Several at once, and what a refused file would have taken is free for the next.
  @Test func refusedFileTakesNothing() throws {
    let root = try TemporaryDirectory()
    try root.writeConfig(
      "a", Self.config(TestKeys.privateKey, "NETNS_NAME=x\nWIREGUARD_LISTEN_PORT=1\n"))
    try root.writeConfig(
      "b", Self.config(Self.otherKey, "NETNS_NAME=x\nWIREGUARD_LISTEN_PORT=1\nTUNNEL_INIT_NAME=y\n")
    )
    try root.writeConfig("c", Self.config(Self.thirdKey, "NETNS_NAME=b\nTUNNEL_INIT_NAME=y\n"))
    let messages = try Generated(root).messages
    #expect(messages.count == 2)
    #expect(
      messages.map { $0.prefix { $0 != "=" } } == [
        "error: \(Self.directory)/b.conf:5:12: NETNS_NAME",
        "error: \(Self.directory)/b.conf:6:23: WIREGUARD_LISTEN_PORT",
      ])
  }

  /// Which of the two connects is the user's business, so both are there.
  @Test func onePrivateKeyInTwoFilesIsAWarning() throws {
    let root = try TemporaryDirectory()
    try root.writeConfig("a", minimalConfig)
    let alone = try Generated(root)
    try root.writeConfig("b", minimalProviderFile)
    let both = try Generated(root)
    #expect(
      both.messages == [
        "warning: \(Self.directory)/b.conf:2:14: PrivateKey=: the value is also the private key of"
          + " \(Self.directory)/a.conf:1, which comes first; allowed: a key for each VPN; if both run,"
          + " a server keeps only the one that came last connected"
      ])
    #expect(
      !both.result.hasErrors && both.lines("namespaced-wireguard-vpn-wg@b.service").count > 10)
    for (path, entry) in alone.units.entries where path.contains("@a.") {
      #expect(both.units.entries[path] == entry)
    }
  }

  /// Each file's messages have the spelling of its own form, and as it is in that line.
  @Test func bothForms() throws {
    let root = try TemporaryDirectory()
    try root.writeConfig("a", Self.config(Self.otherKey, "NETNS_NAME=b\nTUNNEL_INIT_NAME=x\n"))
    let tunnel = "[tunnel]\nhostinterface = x\n"
    try root.writeConfig("b", minimalProviderFile + tunnel)
    let comesFirst = "which comes first; allowed: a name that no other file has; VPN 'b' does not"
    #expect(
      try Generated(root).messages == [
        "error: \(Self.directory)/b.conf:10:17: hostinterface=: 'x' is also the interface on the host"
          + " of \(Self.directory)/a.conf:6, \(comesFirst) start",
        "error: \(Self.directory)/b.conf: Name= in [Namespace]: the default 'b' is also the namespace"
          + " of \(Self.directory)/a.conf:5, \(comesFirst) start",
      ])
  }

  /// A file that has a fault of its own as well is told of that one only.
  @Test func faultyFileIsNotCompared() throws {
    let root = try TemporaryDirectory()
    try root.writeConfig("a", minimalConfig + "NETNS_NAME=x\nWIREGUARD_NAME=/\n")
    try root.writeConfig("b", Self.config(Self.otherKey, "NETNS_NAME=x\n"))
    let messages = try Generated(root).messages
    #expect(messages.count == 1 && messages.allSatisfy { $0.contains("/a.conf:6:16: ") })
  }

  /// Files anywhere, under any name, as `nswg-stage check` gets them.
  @Test func filesWhereTheyLie() throws {
    let root = try TemporaryDirectory()
    try root.write("a b (1).conf", Self.config(TestKeys.privateKey, "TUNNEL_INIT_NAME=x\n"))
    try root.write(".config", Self.config(Self.otherKey, "TUNNEL_INIT_NAME=x\n"))
    try root.write("provider", minimalProviderFile.replacing("Address", with: "Adress"))
    let paths = ["a b (1).conf", ".config", "provider", "nowhere.conf"].map { "\(root.path)/\($0)" }
    let loaded = checkFiles(paths)
    #expect(loaded.map { $0.instance != nil } == [true, false, false, false])
    #expect(loaded.map(\.name.text) == ["a_b__1_", "_.config", "provider", "nowhere"])
    let messages = loaded.flatMap(\.diagnostics).map(\.line)
    #expect(
      messages.map { $0.replacing("\(root.path)/", with: "") } == [
        "error: .config:5:18: TUNNEL_INIT_NAME=: 'x' is also the interface on the host of"
          + " a b (1).conf:5, which comes first; allowed: a name that no other file has;"
          + " VPN '_.config' does not start",
        "error: provider:3:1: unknown key 'Adress' in [Interface], which wg and wg-quick refuse, too;"
          + " did you mean Address=?; VPN 'provider' does not start",
        "error: provider: Address= in [Interface] is missing; VPN 'provider' does not start",
        "error: nowhere.conf: cannot be read: No such file or directory (ENOENT); VPN 'nowhere' does"
          + " not start",
      ])
    // Two files whose names are no instance's have nothing in common by that.
    try root.write("x y", Self.config(TestKeys.privateKey, ""))
    try root.write("x z", Self.config(Self.otherKey, ""))
    #expect(
      checkFiles(["\(root.path)/x y", "\(root.path)/x z"]).allSatisfy { $0.diagnostics == [] })
  }

  @Test(arguments: [
    ("work", "work"), ("a b", "a_b"), ("", "_"), (".x", "_.x"), ("ä", "__"),
    ("a\n\u{1b}[0m", "a___0m"),
    ("a@b", "a_b"), (String(repeating: "x", count: 300), String(repeating: "x", count: 200)),
  ])
  func namesOfFilesWhereTheyLie(stem: String, expected: String) {
    #expect(InstanceName(resembling: stem).text == expected)
  }
}
