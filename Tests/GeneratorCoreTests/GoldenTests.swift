import Foundation
import GeneratorCore
import Glibc
import SystemCalls
import Testing

/// Every folder of `Cases/` is an input tree and what must become of it.
///
/// `RECORD=1` rewrites the expectations and fails, so that nobody takes a recording for a test.
@Suite struct GoldenTests {
  static let directory = "\(projectDirectory)/Tests/GeneratorCoreTests/Cases"
  static let cases = (try? directoryNames(directory)) ?? []

  @Test func thereAreCases() {
    #expect(Self.cases.count >= 19)
  }

  @Test(arguments: cases) func unitsAndMessages(name: String) throws {
    let root = try copyInput(of: name)
    let generated = try Generated(root)
    let again = try Generated(root)
    #expect(again.units == generated.units && again.messages == generated.messages)

    let messages = generated.messages.map { $0 + "\n" }.joined()
    let expected = "\(Self.directory)/\(name)/expected"
    guard environmentVariable("RECORD") == nil else {
      return try record(generated.units, messages, in: expected)
    }
    let units = try Tree(reading: "\(expected)/units", withPermissions: false)
      .withPermissions(0o644)
    #expect(generated.units.differences(from: units) == [])
    let expectedMessages = try readFile("\(expected)/messages", limit: 1 << 20)
    #expect(messages == String(decoding: expectedMessages, as: UTF8.self))
  }

  /// What one file says must not change what another one's units are.
  @Test func brokenFileChangesNoOther() throws {
    let alone = try Generated(copyInput(of: "13-good-alone"))
    let beside = try Generated(copyInput(of: "14-broken-beside-good"))
    #expect(alone.units.entries.keys.filter { $0.contains("@good.") }.count >= 3)
    for (path, entry) in alone.units.entries where path.contains("@good.") {
      #expect(beside.units.entries[path] == entry)
    }
    #expect(beside.result.hasErrors && !alone.result.hasErrors)
  }

  /// Git keeps no permissions but "executable", and readable configurations give a warning.
  private func copyInput(of name: String) throws -> TemporaryDirectory {
    let copy = try TemporaryDirectory()
    let input = try Tree(
      reading: "\(Self.directory)/\(name)/root", withPermissions: false)
    try #require(!input.entries.isEmpty, "the case has no input")
    try input.withPermissions(0o600).write(to: copy.path)
    return copy
  }

  private func record(_ units: Tree, _ messages: String, in directory: String) throws {
    try? FileManager.default.removeItem(atPath: directory)
    try makeDirectories("\(directory)/units", mode: 0o755)
    try units.write(to: "\(directory)/units")
    try createFile("\(directory)/messages", with: Array(messages.utf8), mode: 0o644)
    Issue.record("recorded, not tested")
  }
}
