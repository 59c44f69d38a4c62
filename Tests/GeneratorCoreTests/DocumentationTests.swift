import Testing

@testable import GeneratorCore

/// The table of keys is what the program knows; the manual page and the sample must know the same.
@Suite struct DocumentationTests {
  private static let manual = "man/namespaced-wireguard-vpn.conf.5"
  private static let sample = "etc/namespaced-wireguard-vpn.d/example.conf.sample"
  private static let required = [
    "WIREGUARD_PRIVATE_KEY", "WIREGUARD_ENDPOINT", "WIREGUARD_VPN_PUBLIC_KEY",
    "WIREGUARD_IP_ADDRESSES",
  ]

  private let names = ConfigKey.all.compactMap(\.name)
  private let spellings = Set(ConfigKey.all.flatMap(\.spellings))

  /// An empty table would make every other test here pass.
  @Test func tableIsThere() {
    #expect(names.count >= 26 && spellings.count >= 28 && ConfigKey.all.count >= 27)
    #expect(Set(names).count == names.count)
    #expect(Set(ConfigKey.all.map(\.providerKey)).count == ConfigKey.all.count)
  }

  @Test func manualHasAnEntryForEachKeyInOrder() throws {
    let text = try projectText(Self.manual)
    let entry = /\.TP\n(?:\.B ([A-Z_]+=)\n\.TQ\n)?\.BR ([A-Za-z]+=) " in \[([A-Za-z]+)\]"\n/
    let entries = text.matches(of: entry).map { "\($0.1 ?? "-") [\($0.3)] \($0.2)" }
    let rows = ConfigKey.all.map { key in
      let place = "[\(key.providerKey.section)] \(key.providerKey.name)="
      return (key.name.map { "\($0)= " } ?? "- ") + place
    }
    #expect(entries == rows)
    // None has only one of the two names.
    #expect(text.matches(of: /\.TP\n\.B [A-Z_]+=\n/).count == names.count)
    #expect(text.matches(of: /" in \[/).count == rows.count)
  }

  /// Every entry says what the key stands for, but for those that are switches of ours.
  @Test func manualHasACommandForEachKey() throws {
    let keys = try #require(try projectText(Self.manual).split(separator: ".SH KEYS\n").last)
    let entries = keys.split(separator: "\n.SH ").first?.split(separator: ".TP\n")
    let without = (entries ?? []).dropFirst().filter { !$0.contains("Stands for: ") }
    #expect(without.map { $0.prefix { $0 != "\n" } } == [".B TUNNEL_ENABLE=", ".B ATTACH_DBUS="])
  }

  @Test func manualMentionsEachSectionAndWhatIsNotUsed() throws {
    let text = try projectText(Self.manual)
    let sections = Set(ConfigKey.all.map(\.providerKey.section))
    #expect(sections.count == 4)
    for section in sections {
      #expect(text.contains("\n.B [\(section)]\n") || text.contains("\n.BR [\(section)] ."))
    }
    for hook in ["PreUp", "PostUp", "PreDown", "PostDown", "SaveConfig"] {
      #expect(text.contains("\n.BR \(hook)= ,") || text.contains("\n.B \(hook)=\n"))
    }
  }

  /// The manual's example of a provider's file is one, once it has keys.
  @Test func providerExampleIsGood() throws {
    let text = try projectText(Self.manual)
    let start = try #require(text.ranges(of: ".nf\n[Interface]\n").first).lowerBound
    let example = text[start...].dropFirst(4)
    let end = try #require(example.ranges(of: "\n.fi\n").first).lowerBound
    let keys = [TestKeys.privateKey, TestKeys.publicKey]
    var filled = String(example[..<end]) + "\n"
    for key in keys {
      let blank = try #require(filled.ranges(of: "\\fIkey\\fR").first)
      filled.replaceSubrange(blank, with: key)
    }
    let loaded = try load(filled)
    #expect(loaded.diagnostics == [] && loaded.instance?.tunnel == nil)
    #expect(loaded.instance?.autostart ?? false)
  }

  @Test func manualMentionsEachSpelling() throws {
    let words = Set(try projectText(Self.manual).matches(of: /[A-Z_]{3,}/).map { String($0.0) })
    #expect(spellings.subtracting(words) == [])
  }

  @Test func sampleHasAnAssignmentForEachKeyInOrder() throws {
    let lines = try projectText(Self.sample).split(separator: "\n")
    let assignments = lines.compactMap { $0.wholeMatch(of: /(#?)([A-Z_]+)=(.*)/) }
    #expect(assignments.map { String($0.2) } == names)
    #expect(assignments.filter { $0.1.isEmpty }.map { String($0.2) } == Self.required)
  }

  @Test func sampleMentionsEachSpellingAndNoOtherKey() throws {
    let text = try projectText(Self.sample)
    let words = Set(text.matches(of: /[A-Z]+_[A-Z_]+/).map { String($0.0) })
    #expect(spellings.subtracting(words) == ["AUTOSTART", "PUBLISH"])
    #expect(words.subtracting(spellings) == [])
  }

  @Test func sampleIsNoInstance() throws {
    let root = try TemporaryDirectory()
    try root.write(Self.sample, projectText(Self.sample))
    let generated = try Generated(root)
    #expect(generated.units.entries.isEmpty && generated.messages == [])
  }

  /// Whoever copies it and changes nothing is told what is missing, and nothing starts.
  @Test func sampleAsItStandsIsRefused() throws {
    let text = try projectText(Self.sample)
    let loaded = try load(text, name: "example")
    #expect(loaded.instance == nil)
    let problem =
      "=: the value is the sample's, not a real key; allowed: the 44 characters that wg genkey or"
      + " wg pubkey print; VPN 'example' does not start"
    #expect(
      loaded.diagnostics.map { "\($0.isError) \($0.text)" } == [
        "true WIREGUARD_PRIVATE_KEY\(problem)", "true WIREGUARD_VPN_PUBLIC_KEY\(problem)",
      ])
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for diagnostic in loaded.diagnostics {
      #expect(lines[diagnostic.location.line - 1].hasSuffix("=\(samplePlaceholderKey)"))
    }
  }

  /// What the sample says after a '#' is what counts without the line, where that can be written.
  @Test func sampleUncommentedIsGoodAndHoldsTheDefaults() throws {
    let bare = try filledIn { _ in false }
    let uncommented = try filledIn { !$0.contains("PRIVATE_KEY_") }
    #expect(bare.diagnostics == [] && uncommented.diagnostics == [])
    // Off is a mark of zero there, and none at all here; the kernel sees no difference.
    let noDefaults = [
      "WIREGUARD_FWMARK", "PRIVATE_KEY_", "WIREGUARD_LISTEN_PORT", "WIREGUARD_DNS",
      "TUNNEL_INIT_IP_ADDRESSES", "TUNNEL_VPN_IP_ADDRESSES", "TUNNEL_PORT_FORWARDS",
      "ATTACH_UNITS", "PUBLISH",
    ]
    let defaults = try filledIn { key in !noDefaults.contains { key.contains($0) } }
    #expect(bare.instance != nil && defaults.instance == bare.instance)
    #expect(uncommented.instance != nil && uncommented.instance != bare.instance)
  }

  @Test(arguments: ["WIREGUARD_PRIVATE_KEY_FILE", "WIREGUARD_PRIVATE_KEY_CREDENTIAL"])
  func sampleWithThePrivateKeyElsewhere(_ key: String) throws {
    let loaded = try filledIn(without: "WIREGUARD_PRIVATE_KEY=") { $0 == key }
    #expect(loaded.instance != nil && loaded.diagnostics == [])
  }

  /// The sample with real keys, and with the optional keys that `isWanted` picks.
  private func filledIn(
    without removed: String = "-", _ isWanted: (String) -> Bool
  ) throws -> LoadedInstance {
    let keys = [TestKeys.privateKey, TestKeys.publicKey]
    var text = ""
    for line in try projectText(Self.sample).split(separator: "\n") where !line.hasPrefix(removed) {
      if let match = line.wholeMatch(of: /#([A-Z_]+)=.*/), isWanted(String(match.1)) {
        text += "\(line.dropFirst())\n"
      } else {
        let key = keys[line.hasPrefix("WIREGUARD_PRIVATE_KEY=") ? 0 : 1]
        text += line.replacing(samplePlaceholderKey, with: key) + "\n"
      }
    }
    return try load(text, name: "example")
  }
}
