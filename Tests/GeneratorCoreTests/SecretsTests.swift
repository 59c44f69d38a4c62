import SystemCalls
import Testing

@testable import GeneratorCore

/// No key in anything that is written or printed: units may be read by everybody.
@Suite struct SecretsTests {
  private static let keys = [TestKeys.privateKey, TestKeys.presharedKey, TestKeys.publicKey]
  private static let config =
    minimalConfig + "WIREGUARD_VPN_PPRESHARED_KEY=\(TestKeys.presharedKey)\n"
  private let detector = KeyDetector(keys)

  /// A detector that finds nothing proves nothing.
  @Test(arguments: keys) func detectorFindsWhatIsPlanted(_ key: String) throws {
    for text in [key, "x\(key)y", "a\n'\(key.dropLast(4))'", "=\(key.dropFirst(4))"] {
      #expect(detector.finds(in: text))
    }
    #expect(detector.finds(in: "a\0\(key)"))
    #expect(!detector.finds(in: String(key.dropFirst(5))))
    #expect(!detector.finds(in: String(key.reversed())))
    let bytes = try WireGuardKey(base64: key).bytes
    var dumped = ""
    dump(bytes, to: &dumped)
    #expect(KeyDetector.findsNumbers(of: bytes, in: "\(bytes)"))
    let hexadecimal = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(KeyDetector.findsNumbers(of: bytes, in: "k=\(hexadecimal)"))
    #expect(!KeyDetector.findsNumbers(of: bytes, in: "\(Array(bytes.reversed()))"))
    #expect(detector.finds(in: Self.config))
  }

  /// `description`, `debugDescription` and what a failed expectation would show.
  private func texts(of value: Any) -> [String] {
    var dumped = ""
    dump(value, to: &dumped)
    return ["\(value)", String(reflecting: value), dumped]
  }

  @Test func valuesDoNotPrintKeys() throws {
    let loaded = try load(Self.config)
    let instance = try #require(loaded.instance)
    let config = ReadConfig(parsing: Array(Self.config.utf8), path: "f").config
    #expect(
      config.privateKey?.value
        == instance.wireGuard.peers.first.map { _ in
          try? WireGuardKey(base64: TestKeys.privateKey)
        })
    let values: [Any] = [
      loaded, instance, instance.wireGuard.privateKey, instance.wireGuard.peers, config,
      try WireGuardKey(base64: TestKeys.privateKey),
    ]
    for text in values.flatMap(texts) {
      #expect(!text.isEmpty && !detector.finds(in: text))
      for key in Self.keys {
        #expect(!KeyDetector.findsNumbers(of: try WireGuardKey(base64: key).bytes, in: text))
      }
    }
  }

  /// Every folder of the golden trees, with the keys of its own files.
  @Test(arguments: GoldenTests.cases) func goldenTreesHoldNoKey(name: String) throws {
    let directory = "\(GoldenTests.directory)/\(name)"
    let input = try Tree(reading: "\(directory)/root", withPermissions: false)
    let detector = KeyDetector(keysIn: input.entries.values.map(\.description).joined())
    #expect(!detector.isEmpty)
    let output = try Tree(reading: "\(directory)/expected", withPermissions: false)
    for (path, entry) in output.entries {
      #expect(!detector.finds(in: path) && !detector.finds(in: entry.description))
    }
  }

  /// A key where it does not belong, as when a line was pasted in the wrong place.
  static let misplaced: [String] =
    ConfigKey.all.flatMap(\.spellings).flatMap { name in
      [
        "\(name)=\(TestKeys.privateKey)\n", "\(name)='\(TestKeys.privateKey) '\n",
        "\(name)=x\(TestKeys.privateKey.dropLast())\n", "\(name)=/\(TestKeys.privateKey)\n",
        "\(name)=\(TestKeys.privateKey),\(TestKeys.presharedKey)\n",
        "\(name)=/x WIREGUARD_PRIVATE_KEY=\(TestKeys.privateKey)\n",
        "\(name)=[\(TestKeys.privateKey)]:51820\n", "\(name)=\(TestKeys.privateKey):51820\n",
      ]
    } + [
      "\(TestKeys.privateKey)\n", "\(TestKeys.privateKey)=\(TestKeys.presharedKey)\n",
      "WIREGUARD_PRIVATE_KEY \(TestKeys.privateKey)\n", "x\(TestKeys.privateKey.dropLast(3))=1\n",
      "PrivateKey = \(TestKeys.privateKey)\n", "export K=\(TestKeys.privateKey)\n",
      "export \(TestKeys.privateKey)\n", "WIREGUARD_PRIVATE_KEY_=\(TestKeys.privateKey)\n",
      "WIREGUARD_PRIVATE_KEY=\"\(TestKeys.privateKey)\n", "\u{feff}\(TestKeys.privateKey)\n",
    ]

  /// The same in a provider's file: in every key, as key, section, comment and bare line.
  static let misplacedInSections: [String] =
    ConfigKey.all.map(\.providerKey).flatMap { key in
      [
        TestKeys.privateKey, "x\(TestKeys.privateKey.dropLast())", "/\(TestKeys.privateKey)",
        "\(TestKeys.privateKey.prefix(20)) \(TestKeys.privateKey.dropFirst(20)), 10.0.0.1",
        "1 PrivateKey = \(TestKeys.privateKey)", "[\(TestKeys.privateKey)]:51820",
      ].map { "[\(key.section)]\n\(key.name) = \($0)\n" }
    } + [
      "\(TestKeys.privateKey)\n", "[\(TestKeys.privateKey)]\n",
      "PrivateKey \(TestKeys.privateKey)\n",
      "[Peer]\n\(TestKeys.privateKey.dropLast()) = \(TestKeys.presharedKey)\n",
      "[Interface]\nJc = \(TestKeys.privateKey)\nPostUp = wg set x \(TestKeys.privateKey)\n",
      "[Interface]\nPrivateKey\(TestKeys.privateKey)\n= \(TestKeys.privateKey)\n",
      "[\(TestKeys.privateKey)\n", "[Interface] \(TestKeys.privateKey)\n",
    ]

  @Test(arguments: misplacedInSections) func misplacedInAProvidersFile(_ lines: String) throws {
    let file = "\(minimalProviderFile)PresharedKey = \(TestKeys.presharedKey)\n"
    for text in [file + lines, lines + file, "[Interface]\n" + lines] {
      #expect(ProviderFile.isForm(of: Array(text.utf8)))
      let loaded = try load(text)
      for text in inMemory(loaded) + texts(of: loaded) { #expect(!detector.finds(in: text)) }
    }
  }

  @Test(arguments: misplaced) func misplacedKeysAreNotEchoed(_ line: String) throws {
    for text in [Self.config + line, line + Self.config, line] {
      let loaded = try load(text)
      for text in inMemory(loaded) + texts(of: loaded) { #expect(!detector.finds(in: text)) }
    }
  }

  @Test func wholeCommandPrintsNoKey() throws {
    let root = try TemporaryDirectory()
    try root.writeConfig("good", Self.config)
    try root.writeConfig("bad", Self.config + "WIREGUARD_NAME=\(TestKeys.privateKey)\n")
    let outcome = GeneratorCommand.run(
      arguments: ["--dry-run", "--root", root.path], program: "", environment: { _ in nil })
    #expect(outcome.status == 1 && outcome.output.contains("wg up good"))
    #expect(outcome.output.contains("(not shown, it may be a key)"))
    #expect(!detector.finds(in: outcome.output))
    #expect(!outcome.messages.contains { detector.finds(in: $0.text) })
  }
}

/// Messages, units and links of one file, as the generator would write them.
func inMemory(_ loaded: LoadedInstance) -> [String] {
  let planner = UnitPlanner(paths: Generated.paths)
  let plan: UnitPlan
  if let instance = loaded.instance {
    var subnets = TunnelSubnets(avoiding: [instance])
    plan = planner.plan(instance, subnet: subnets.assign(to: loaded.name))
  } else {
    plan = planner.planRefusal(loaded)
  }
  return loaded.diagnostics.map(\.description) + plan.files.flatMap { [$0.path, $0.text] }
    + plan.links.flatMap { [$0.path, $0.target] }
}
