internal import GeneratorCore

/// What is fuzzed, and replayed by `swift test`: bytes in, broken promises out.
///
/// The rules are written here a second time, and not taken from the code that they judge.
package enum FuzzTarget: String, CaseIterable, Sendable {
  /// `EnvironmentFile`.
  case environment
  /// `ProviderFile`.
  case provider
  /// Files → instances → clashes → units, all in memory.
  case generator

  /// What is wrong with how `bytes` are treated; empty when nothing is.
  package func findings(in bytes: [UInt8]) -> [String] {
    switch self {
    case .environment: environmentFindings(bytes)
    case .provider: providerFindings(bytes)
    case .generator: generatorFindings(bytes)
    }
  }
}

/// Collects what was found.
struct Findings {
  private(set) var texts: [String] = []

  mutating func expect(_ condition: Bool, _ text: @autoclosure () -> String) {
    if !condition { texts.append(text()) }
  }

  /// Every message is one line, short enough for a log and for an argument of a unit, and holds
  /// nothing that could be a key.
  mutating func checkMessages(_ diagnostics: [Diagnostic]) {
    for diagnostic in diagnostics {
      let text = diagnostic.text
      expect(
        !text.utf8.contains { $0.isControl }, "control character: \(text.debugDescription)")
      expect(text.utf8.count <= 2000, "a message of \(text.utf8.count) bytes: \(text.prefix(80))")
      expect(!mayShowKey(text.utf8), "a message that may show a key: \(text)")
    }
  }
}

/// Whether 40 characters of base64 follow each other; a key has 43.
func mayShowKey(_ bytes: some Sequence<UInt8>) -> Bool {
  var run = 0
  var escaped = 0
  for byte in bytes {
    // What stands for a control character, `\x1b`, is no part of a key.
    if byte == UInt8(ascii: "\\") { escaped = 4 }
    run = byte.isBase64 && escaped == 0 ? run + 1 : 0
    escaped = max(escaped - 1, 0)
    if run == 40 { return true }
  }
  return false
}

extension UInt8 {
  var isControl: Bool { self < 0x20 || self == 0x7f }

  var isWordCharacter: Bool {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: false
    }
  }

  var isBase64: Bool {
    isWordCharacter || self == UInt8(ascii: "+") || self == UInt8(ascii: "/")
  }
}
