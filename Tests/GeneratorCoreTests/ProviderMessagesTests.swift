import Testing

@testable import GeneratorCore

/// What a provider's file is told about keys and sections that are not there for us.
@Suite struct ProviderMessagesTests {
  /// The messages of the minimal file with lines behind it, the first of which is line 9.
  private func messages(_ lines: String) throws -> [String] {
    let loaded = try load(minimalProviderFile + lines)
    #expect((loaded.instance == nil) == loaded.diagnostics.contains(where: \.isError))
    return loaded.diagnostics.map(\.line)
  }

  private func error(_ place: String, _ text: String) -> String {
    "error: /c/work.conf:\(place): \(text); VPN 'work' does not start"
  }

  @Test(arguments: [
    ("Interface", "Endpoint", "Peer"), ("Interface", "AllowedIPs", "Peer"),
    ("Interface", "publickey", "Peer"), ("Interface", "Name", "Namespace"),
    ("Interface", "HostAddress", "Tunnel"), ("Peer", "Address", "Interface"),
    ("Peer", "DNS", "Interface"), ("Peer", "PRIVATEKEY", "Interface"),
    ("Peer", "Enable", "Tunnel"), ("Namespace", "MTU", "Interface"),
    ("Namespace", "HostInterface", "Tunnel"), ("Tunnel", "Autostart", "Namespace"),
    ("Tunnel", "PresharedKey", "Peer"), ("Tunnel", "Table", "Interface"),
    ("Tunnel", "Units", "Namespace"), ("Interface", "dbus", "Namespace"),
    ("Peer", "Publish", "Namespace"), ("Namespace", "PortForwards", "Tunnel"),
  ])
  func wrongSection(section: String, key: String, home: String) throws {
    let known = ConfigKey.all.first { $0.providerKey.name.lowercased() == key.lowercased() }
    let name = try #require(known).providerKey.name
    #expect(
      try messages("[\(section.lowercased())]\n \(key) = 1\n").contains(
        error("10:2", "\(name)= belongs to [\(home)], not to [\(section)]")))
  }

  private static let refused = ", which wg and wg-quick refuse, too"

  @Test(arguments: [
    ("Interface", "Adress", "in [Interface]\(refused); did you mean Address=?"),
    ("Interface", "ListenPrt", "in [Interface]\(refused); did you mean ListenPort=?"),
    ("Interface", "Nonsense", "in [Interface]\(refused)"),
    ("Peer", "Endpiont", "in [Peer]\(refused); did you mean Endpoint=?"),
    ("Peer", "PostUp", "in [Peer]\(refused)"),
    ("Namespace", "Autostrat", "in [Namespace]; did you mean Autostart=?"),
    ("Namespace", "NETNS_NAME", "in [Namespace]"),
    ("Tunnel", "Enabled", "in [Tunnel]; did you mean Enable=?"),
  ])
  func unknownKey(section: String, key: String, expected: String) throws {
    #expect(
      try messages("[\(section)]\n\(key)=1\n").contains(
        error("10:1", "unknown key '\(key)' \(expected)")))
  }

  /// What stands before '=' may be a key that was pasted there.
  @Test func unknownKeyIsNotEchoed() throws {
    #expect(
      try messages("\(TestKeys.privateKey.dropLast())==\n") == [
        error("9:1", "unknown key of 43 characters in [Peer]\(Self.refused)")
      ])
  }

  @Test(arguments: [
    ("Pear", "'Pear'", "; did you mean [Peer]?"),
    ("Interfaces", "'Interfaces'", "; did you mean [Interface]?"),
    ("tunel", "'tunel'", "; did you mean [Tunnel]?"), ("WireGuard", "'WireGuard'", ""),
    ("", "''", ""), ("Peer 1", "'Peer 1'", ""),
  ])
  func unknownSection(name: String, shown: String, hint: String) throws {
    // What is in it is not looked at.
    #expect(
      try messages("[\(name)]\nNonsense = 1\nPresharedKey = 1\n") == [
        error(
          "9:1",
          "unknown section \(shown); allowed: [Interface], [Peer], [Namespace], [Tunnel]\(hint)")
      ])
  }

  @Test func hooksInOneWarning() throws {
    let hooks = """
      [Interface]
      PreUp = touch /tmp/a
      PostUp = iptables -A OUTPUT ! -o %i -j REJECT; echo x
      postup = true
      PreDown=true
      POSTDOWN = true
      SaveConfig = true

      """
    let loaded = try load(minimalProviderFile + hooks)
    #expect(
      loaded.diagnostics.map(\.line) == [
        "warning: /c/work.conf:10:1: not used: PreUp= (line 10), PostUp= (line 11), postup= (line"
          + " 12), PreDown= (line 13), POSTDOWN= (line 14), SaveConfig= (line 15); commands in a"
          + " configuration are never run, and the file is never written"
      ])
    #expect(try loaded.instance != nil && loaded.instance == load(minimalProviderFile).instance)
    for text in inMemory(loaded) { #expect(!text.contains("iptables") && !text.contains("/tmp/a")) }
  }

  static let amneziaInterfaceKeys = [
    "Jc", "Jmin", "Jmax", "S1", "S2", "S3", "S4", "H1", "H2", "H3", "H4", "I1", "I2", "I3", "I4",
    "I5", "HeaderProtectionKey", "ContentPaddingAddition", "RekeyAfterTime", "RekeyTimeout",
    "RejectAfterTime", "KeepaliveTimeout", "MaxHandshakeAttempts", "RandomTrailers",
    "DisableCookies",
  ]

  private func amnezia(_ place: String, _ list: String) -> String {
    error(
      place,
      "this file is for AmneziaWG (\(list)), whose packets plain WireGuard neither sends nor"
        + " understands, so it would never connect; ask the provider for a WireGuard file")
  }

  @Test(arguments: amneziaInterfaceKeys.map { ("Interface", $0) } + [("Peer", "AdvancedSecurity")])
  func amneziaKey(section: String, key: String) throws {
    for spelling in [key, key.lowercased(), key.uppercased()] {
      #expect(
        try messages("[Interface]\n[\(section)]\n\(spelling) = 1\n").filter {
          $0.contains("Amnezia")
        }
          == [amnezia("11:1", "\(spelling)= (line 11)")])
    }
  }

  @Test func amneziaKeysAreOneError() throws {
    let keys = Self.amneziaInterfaceKeys.map { "\($0) = 5\n" }.joined()
    let list = Self.amneziaInterfaceKeys.enumerated().map { "\($1)= (line \($0 + 10))" }
    #expect(list.count == 25)
    #expect(
      try messages("[Interface]\n\(keys)") == [
        amnezia("10:1", list.prefix(20).joined(separator: ", ") + " and 5 more")
      ])
  }

  @Test func linesThatAreNoneAndThoseBeforeTheFirstSection() throws {
    let loaded = try load("MTU = 1400\n\(minimalProviderFile)\n; wg knows no such comment\n[Peer\n")
    let junk = "neither 'Key = value' nor a '[Section]'; a comment begins with '#'"
    #expect(
      loaded.diagnostics.map(\.line) == [
        error("1:1", "a setting before the first '[Section]'; allowed: only comments"),
        error("11:1", junk), error("12:1", junk),
      ])
  }

  @Test(arguments: [[0x00], [0xff]] as [[UInt8]])
  func noTextIsOneMessage(bytes: [UInt8]) throws {
    let loaded = try load(Array(minimalProviderFile.utf8) + bytes)
    #expect(loaded.instance == nil && loaded.diagnostics.count == 1)
    #expect(loaded.diagnostics.allSatisfy { $0.isError && $0.text.contains("not a text file") })
  }

  /// A byte order mark and the line ends of Windows do no harm.
  @Test func filesFromOtherSystems() throws {
    let text = "\u{feff}" + minimalProviderFile.replacing("\n", with: "\r\n")
    let loaded = try load(text)
    #expect(try loaded.instance != nil && loaded.instance == load(minimalProviderFile).instance)
    #expect(loaded.diagnostics == [])
  }
}
