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

  /// Lines of `b.conf` and `c.conf`, and what is said of `c.conf`.
  static let rows: [(first: String, second: String, expected: [String])] = [
    ("", "", []),
    (
      "NETNS_NAME=vpn\n", "NETNS_NAME=vpn\n",
      [
        "the namespace 'vpn' is also that of \(directory)/b.conf, which comes first; choose another name"
      ]
    ),
    // The default of one is what the other says.
    (
      "NETNS_NAME=c\n", "",
      [
        "the namespace 'c' is also that of \(directory)/b.conf, which comes first; choose another name"
      ]
    ),
    (
      "", "NETNS_NAME=b\n",
      [
        "the namespace 'b' is also that of \(directory)/b.conf, which comes first; choose another name"
      ]
    ),
    (
      "", "TUNNEL_INIT_NAME=veth-b0\n",
      [
        "the interface 'veth-b0' on the host is also that of \(directory)/b.conf, which comes first;"
          + " choose another name"
      ]
    ),
    (
      "TUNNEL_INIT_NAME=veth-c0\n", "",
      [
        "the interface 'veth-c0' on the host is also that of \(directory)/b.conf, which comes first;"
          + " choose another name"
      ]
    ),
    ("TUNNEL_INIT_NAME=x\n", "TUNNEL_INIT_NAME=x\nTUNNEL_ENABLE=no\n", []),
    ("TUNNEL_INIT_NAME=x\nTUNNEL_ENABLE=no\n", "TUNNEL_INIT_NAME=x\n", []),
    // Inside their own namespaces names cannot clash.
    ("TUNNEL_VPN_NAME=x\nWIREGUARD_NAME=y\n", "TUNNEL_VPN_NAME=x\nWIREGUARD_NAME=y\n", []),
    (
      "WIREGUARD_LISTEN_PORT=51820\n", "WIREGUARD_LISTEN_PORT=51820\n",
      [
        "the listen port 51820 is also that of \(directory)/b.conf, which comes first; choose"
          + " another port, or leave it out"
      ]
    ),
    ("WIREGUARD_LISTEN_PORT=0\n", "WIREGUARD_LISTEN_PORT=0\n", []),
    ("WIREGUARD_LISTEN_PORT=1\n", "WIREGUARD_LISTEN_PORT=2\n", []),
    (
      tunnel("10.9.0.1/24", "10.9.0.2/24"), tunnel("10.9.0.5/30", "10.9.0.6/30"),
      [network("10.9.0.4/30", "10.9.0.0/24")]
    ),
    (
      tunnel("10.9.0.5/30", "10.9.0.6/30"), tunnel("10.9.0.1/24", "10.9.0.2/24"),
      [network("10.9.0.0/24", "10.9.0.4/30")]
    ),
    (
      tunnel("10.9.0.1/30,fd00::1/64", "10.9.0.2/30"),
      tunnel("10.9.1.1/30,fd00::5/126", "10.9.1.2/30"),
      [network("fd00::4/126", "fd00::/64")]
    ),
    (tunnel("10.9.0.1/30", "10.9.0.2/30"), tunnel("10.9.0.5/30", "10.9.0.6/30"), []),
    (
      tunnel("10.9.0.1/30", "10.9.0.2/30") + "TUNNEL_ENABLE=no\n",
      tunnel("10.9.0.1/30", "10.9.0.2/30"), []
    ),
    (
      "PUBLISH=127.0.0.1:80,[::1]:80:1\n", "PUBLISH=127.0.0.1:80:2,[::1]:81,[0::1]:80\n",
      [published("127.0.0.1:80"), published("[::1]:80")]
    ),
    ("PUBLISH=127.0.0.1:80\n", "PUBLISH=127.0.0.1:81:80,127.0.0.2:80\n", []),
    (
      "TUNNEL_PORT_FORWARDS=eth0:80/tcp,eth0:81/tcp\n",
      "TUNNEL_PORT_FORWARDS=eth0:80:8080/tcp,eth0:81/udp,eth1:80/tcp\n",
      [
        "the forwarded port eth0:80/tcp is also that of \(directory)/b.conf, which comes first;"
          + " choose another port"
      ]
    ),
    // One is on the host, the other one of the host's senders.
    ("TUNNEL_PORT_FORWARDS=eth0:80/tcp\n", "PUBLISH=192.0.2.7:80\n", []),
    (
      "ATTACH_UNITS=x.service,y.service\n", "ATTACH_UNITS=y.socket,x.service,z.service\n",
      [attached("y.service"), attached("x.service")]
    ),
    ("ATTACH_UNITS=x@.service\n", "ATTACH_UNITS=x@a.service,x.service\n", []),
    // A network that the file leaves to us gives way.
    (tunnel("10.127.0.1/17", "10.127.0.2/17"), "", []),
  ]

  private static func tunnel(_ host: String, _ inner: String) -> String {
    "TUNNEL_INIT_IP_ADDRESSES=\(host)\nTUNNEL_VPN_IP_ADDRESSES=\(inner)\n"
  }

  private static func published(_ listen: String) -> String {
    "the published address \(listen) is also that of \(directory)/b.conf, which comes first; choose"
      + " another port"
  }

  private static func attached(_ unit: String) -> String {
    "the attached unit '\(unit)' is also that of \(directory)/b.conf, which comes first; name it in"
      + " one of the files"
  }

  private static func network(_ mine: String, _ theirs: String) -> String {
    "the tunnel's network \(mine), which overlaps \(theirs), is also that of \(directory)/b.conf,"
      + " which comes first; choose another network, or leave the tunnel's addresses out"
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
        == expected.map { "error: \(Self.directory)/c.conf: \($0); VPN 'c' does not start" })
    // Whatever the second file says, the others' units are the same to the byte.
    let others = alone.units.entries.filter { $0.key.contains("@a.") || $0.key.contains("@b.") }
    let fewer = first.contains("TUNNEL_ENABLE=no") ? 2 : 0
    // A socket, its service and the link to it.
    let more = first.hasPrefix("PUBLISH") ? 3 * first.split(separator: ",").count : 0
    #expect(others.count == 10 - fewer + more)
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
    #expect(messages.allSatisfy { $0.hasPrefix("error: \(Self.directory)/b.conf: the ") })
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
        "warning: \(Self.directory)/b.conf: the private key is also that of \(Self.directory)/a.conf;"
          + " if both run, a server keeps only the one that came last connected"
      ])
    #expect(
      !both.result.hasErrors && both.lines("namespaced-wireguard-vpn-wg@b.service").count > 10)
    for (path, entry) in alone.units.entries where path.contains("@a.") {
      #expect(both.units.entries[path] == entry)
    }
  }

  /// A file that has a fault of its own as well is told of that one only.
  @Test func faultyFileIsNotCompared() throws {
    let root = try TemporaryDirectory()
    try root.writeConfig("a", minimalConfig + "NETNS_NAME=x\nWIREGUARD_NAME=/\n")
    try root.writeConfig("b", Self.config(Self.otherKey, "NETNS_NAME=x\n"))
    let messages = try Generated(root).messages
    #expect(messages.count == 1 && messages.allSatisfy { $0.contains("/a.conf:6:16: ") })
  }

  /// But what it attaches is its own all the same: its services must not run anywhere else.
  @Test func faultyFileKeepsItsServices() throws {
    let root = try TemporaryDirectory()
    try root.writeConfig("a", minimalConfig + "ATTACH_UNITS=x.service\nWIREGUARD_NAME=/\n")
    try root.writeConfig("b", Self.config(Self.otherKey, "ATTACH_UNITS=x.service\n"))
    let generated = try Generated(root)
    #expect(generated.messages.count == 2)
    #expect(
      generated.messages.last
        == "error: \(Self.directory)/b.conf: \(Self.attached("x.service")); VPN 'b' does not start"
        .replacing("b.conf, which", with: "a.conf, which"))
    let dropIn = generated.lines("x.service.d/50-namespaced-wireguard-vpn.conf")
    #expect(dropIn.contains("NetworkNamespacePath=/run/netns/a"))
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
        "error: .config: the interface 'x' on the host is also that of a b (1).conf, which comes"
          + " first; choose another name; VPN '_.config' does not start",
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
