import Testing

@testable import GeneratorCore

/// Keys and sections of a provider's file: what each means, and what becomes of others.
@Suite struct ProviderReaderTests {
  /// A line of a section, and the lines by which the summary differs from the minimal file's.
  static let keys: [(section: String, line: String, expected: [String])] = [
    ("Interface", "Address = fd00::2/64", ["address fd00::2/64"]),
    ("Interface", "address=10.64.0.3", ["address 10.64.0.3/32"]),
    ("Interface", "DNS = 10.64.0.1", ["name server 10.64.0.1"]),
    (
      "Interface", "DNS = fd00::1, lan.example,10.64.0.1",
      ["name server fd00::1", "search domain lan.example", "name server 10.64.0.1"]
    ),
    ("Interface", "MTU = 1400", ["MTU 1400"]),
    ("Interface", "ListenPort = 51820", ["listen port 51820"]),
    ("Interface", "ListenPort = 0", ["listen port 0"]),
    ("Interface", "FwMark = 0xca6c", ["mark 51820"]),
    ("Interface", "FwMark = off", ["mark 0"]),
    ("Interface", "Table = off", ["no routes"]),
    ("Interface", "Table = auto", []),
    ("Interface", "Table = 51820", ["table 51820"]),
    ("Namespace", "Name = office", ["namespace office"]),
    ("Namespace", "Interface = wg0", ["interface wg0"]),
    ("Namespace", "MTUProbe = 10.64.0.1", ["MTU probe address(10.64.0.1)"]),
    ("Namespace", "Userspace = boringtun-cli", ["program boringtun-cli"]),
    ("Namespace", "OnlineTimeout = 90", ["online within 90"]),
    ("Namespace", "HealthCheck = yes", ["health check"]),
    ("Namespace", "Autostart = yes", ["autostart"]),
    ("Tunnel", "Enable = no", ["no tunnel"]),
    ("Tunnel", "HostInterface = to-vpn", ["tunnel to-vpn veth-work1"]),
    ("Tunnel", "Interface = to-host", ["tunnel veth-work0 to-host"]),
    (
      "Tunnel", "HostAddress = 10.9.0.1/30\nAddress = 10.9.0.2/30",
      ["tunnel addresses 10.9.0.1/30 - 10.9.0.2/30"]
    ),
    (
      "Tunnel", "HostAddress = 10.9.0.1/30\nAddress = 10.9.0.2/30\nHostAddress=fd00::1/126",
      ["tunnel addresses 10.9.0.1/30 fd00::1/126 - 10.9.0.2/30"]
    ),
    (
      "Tunnel", "PortForwards = eth0:80/tcp\nPortForwards = eth0:80:8080/udp",
      ["forward eth0:80/tcp to 80", "forward eth0:80/udp to 8080"]
    ),
    (
      "Namespace", "Units = a.service\nUnits = b.socket a.service",
      [
        "inside a.service", "inside a.socket", "inside b.socket", "inside b.service",
        "inside b@.service",
      ]
    ),
    ("Namespace", "DBus = yes", ["D-Bus inside"]), ("Namespace", "DBus = no", []),
    (
      "Namespace", "Publish = 127.0.0.1:80\nPublish = [::1]:80:8080",
      ["publish 127.0.0.1:80 from 80", "publish [::1]:80 from 8080"]
    ),
  ]

  private static let peer = "peer 192.0.2.1:51820 0.0.0.0/0 ::/0"

  static let peerKeys: [(line: String, expected: String)] = [
    ("PresharedKey = \(TestKeys.presharedKey)", "\(peer) preshared"),
    ("PersistentKeepalive = 25", "\(peer) keepalive 25"), ("PersistentKeepalive = off", peer),
    ("persistentkeepalive=OFF", peer), ("AllowedIPs = 10.0.0.0/8", "\(peer) 10.0.0.0/8"),
    ("Endpoint = [2001:db8::1]:1", "peer [2001:db8::1]:1 0.0.0.0/0 ::/0"),
    ("Endpoint = nl1.example.org:443", "peer nl1.example.org:443 0.0.0.0/0 ::/0"),
    ("Endpoint = nl1.example.org.:443", "peer nl1.example.org.:443 0.0.0.0/0 ::/0"),
    ("PublicKey = \(TestKeys.presharedKey)", peer),
    // wg drops every blank of a line, in keys, too.
    ("Endpoint = 192.0.2.1 : 443", "peer 192.0.2.1:443 0.0.0.0/0 ::/0"),
    ("Persistent Keepalive = 2 5", "\(peer) keepalive 25"),
    ("AllowedIPs = 10.0. 0.0 /8", "\(peer) 10.0.0.0/8"),
  ]

  private func summary(_ text: String) throws -> [String] {
    let loaded = try load(text)
    #expect(loaded.diagnostics.filter(\.isError) == [])
    return try #require(loaded.instance).summary
  }

  @Test func minimalFile() throws {
    let loaded = try load(minimalProviderFile)
    #expect(loaded.diagnostics == [])
    #expect(
      try summary(minimalProviderFile) == [
        "namespace work", "interface wg-work", "address 10.64.0.2/32", Self.peer,
        "tunnel veth-work0 veth-work1",
      ])
    #expect(
      loaded.instance?.wireGuard.privateKey
        == .inline(try WireGuardKey(base64: TestKeys.privateKey)))
    #expect(
      try loaded.instance?.wireGuard.peers.map(\.publicKey) == [
        WireGuardKey(base64: TestKeys.publicKey)
      ])
  }

  /// The same settings in both forms are the same instance.
  @Test func bothFormsMeanTheSame() throws {
    let environment = try load(minimalConfig).instance
    #expect(try environment != nil && environment == load(minimalProviderFile).instance)
  }

  @Test(arguments: keys) func key(section: String, line: String, expected: [String]) throws {
    let before = try summary(minimalProviderFile)
    let after = try summary(minimalProviderFile + "\n[\(section)]\n\(line)\n")
    #expect(after.filter { !before.contains($0) } == expected)
    // In any letter case, and where the section comes first.
    #expect(
      try summary("[\(section.uppercased())]\n\(line)\n" + minimalProviderFile).sorted()
        == after.sorted())
  }

  @Test(arguments: peerKeys) func peerKey(line: String, expected: String) throws {
    let found = try summary("\(minimalProviderFile)\(line)\n")
    #expect(found.filter { $0.hasPrefix("peer") } == [expected])
  }

  @Test(arguments: [
    ("PrivateKeyFile = /etc/wireguard/key", "private key in /etc/wireguard/key"),
    ("PrivateKeyCredential = work.key", "private key from work.key"),
  ])
  func privateKeyElsewhere(line: String, expected: String) throws {
    let file = minimalProviderFile.split(separator: "\n").filter { !$0.hasPrefix("PrivateKey") }
      .joined(separator: "\n")
    #expect(try summary("\(file)\n[Namespace]\n\(line)\n").contains(expected))
  }

  /// A row of the table that is not in one of these tests is not tested.
  @Test func everyKeyIsTested() {
    var tested: Set = ["Interface PrivateKey", "Namespace PrivateKeyFile"]
    tested.insert("Namespace PrivateKeyCredential")
    func note(_ section: String, _ lines: String) {
      for line in lines.split(separator: "\n") {
        tested.insert("\(section) \(line.prefix { $0 != "=" && $0 != " " })")
      }
    }
    for row in Self.keys { note(row.section, row.line) }
    for row in Self.peerKeys { note("Peer", row.line) }
    let all = ConfigKey.all.map { "\($0.providerKey.section) \($0.providerKey.name)" }
    #expect(all.count >= 29 && Set(all).subtracting(tested) == [])
  }

  @Test func severalPeers() throws {
    let more = """
      [Peer]
      PublicKey = \(TestKeys.presharedKey)
      AllowedIPs = 192.168.7.0/24
      AllowedIPs = fd07::/64, 192.168.8.0/24
      PersistentKeepalive = 25
      [Interface]
      Address = fd00::2
      [peer]
      PublicKey = \(TestKeys.privateKey.replacing("u", with: "v"))
      Endpoint = [2001:db8::2]:1

      """
    let found = try summary(minimalProviderFile + more)
    #expect(
      found.filter { $0.hasPrefix("peer") } == [
        Self.peer, "peer anywhere 192.168.7.0/24 fd07::/64 192.168.8.0/24 keepalive 25",
        "peer [2001:db8::2]:1",
      ])
    #expect(
      found.filter { $0.hasPrefix("address") } == ["address 10.64.0.2/32", "address fd00::2/128"])
  }

  @Test func lastOfRepeatedKeysCountsAsForWg() throws {
    let loaded = try load(
      minimalProviderFile
        + "endpoint = 192.0.2.2:1\n[Interface]\nMTU=1400\nDNS=10.0.0.1\nmtu=1300\n")
    #expect(loaded.instance?.wireGuard.mtu == 1300)
    #expect(loaded.instance?.wireGuard.peers.first?.endpoint?.description == "192.0.2.2:1")
    #expect(
      loaded.diagnostics.map(\.line) == [
        "warning: /c/work.conf:9:1: endpoint= was set before, in line 7; this later value counts",
        "warning: /c/work.conf:13:1: mtu= was set before, in line 11; this later value counts",
      ])
  }
}
