import ArgumentParser
import Foundation
import Testing

@testable import Commands

/// The parser's own account of the command line, and the manual page beside it.
@Suite struct ManualTests {
  private struct Dump: Decodable {
    struct Command: Decodable {
      let commandName: String
      let arguments: [Argument]?
      let subcommands: [Command]?
    }
    struct Argument: Decodable {
      struct Name: Decodable {
        let kind: String
        let name: String
      }
      let kind: String
      let names: [Name]?
    }
    let command: Command
  }

  private func dump() throws -> Dump.Command {
    try JSONDecoder().decode(Dump.self, from: Data(NSWGCommand._dumpHelp().utf8)).command
  }

  private func manual() throws -> String {
    try projectText("man/nswg.1").replacing("\\-", with: "-")
  }

  /// The page's part on a subcommand, from its heading to the next.
  private func section(_ name: String, of manual: String) -> Substring? {
    let heading = /\.TP\n\.BI? "?nswg ([a-z]+)/
    let starts = manual.matches(of: heading)
    guard let index = starts.firstIndex(where: { $0.1 == name }) else { return nil }
    let next = starts.dropFirst(index + 1).first?.range.lowerBound
    let end = manual.firstRange(of: "\n.SH OPTIONS")?.lowerBound ?? manual.endIndex
    return manual[starts[index].range.lowerBound..<min(next ?? end, end)]
  }

  @Test func everySubcommandAndOptionIsInItsPlace() throws {
    let manual = try manual()
    let common = try #require(manual.split(separator: "\n.SH OPTIONS\n").last)
    var options = 0
    let subcommands = try #require(try dump().subcommands).filter { $0.commandName != "help" }
    for command in subcommands {
      let entry = try #require(
        self.section(command.commandName, of: manual), "no entry for \(command.commandName)")
      for argument in command.arguments ?? [] where argument.kind != "positional" {
        for name in argument.names ?? [] {
          options += 1
          let text = name.kind == "long" ? "--\(name.name)" : "-\(name.name)"
          let isCommon = ["json", "color", "help", "h"].contains(name.name)
          #expect(
            mentions(isCommon ? common : entry, text), "\(command.commandName) \(text)")
        }
      }
    }
    // With fewer the parser's account has changed its form, and nothing was compared.
    #expect(subcommands.count >= 11 && options >= 11 * 2 + 12)
  }

  /// As an entry of its own, not in passing.
  private func mentions(_ text: some StringProtocol, _ option: String) -> Bool {
    text.split(separator: "\n").contains { line in
      line.hasPrefix(".B") && line.split { " ,\"".contains($0) }.contains { $0 == option }
    }
  }

  @Test func thePageHasNoOtherOption() throws {
    let known = try #require(try dump().subcommands).flatMap { $0.arguments ?? [] }
      .flatMap { $0.names ?? [] }.filter { $0.kind == "long" }.map { "--\($0.name)" }
    let words = try manual().matches(of: /--[a-z]+/).map { String($0.0) }
    // `systemctl enable --now` is another program's.
    #expect(Set(words).subtracting(known) == ["--now"])
    #expect(Set(words).count >= 12)
  }

  @Test func everyExitStatusIsThere() throws {
    let part = try #require(try manual().split(separator: "\n.SH EXIT STATUS\n").last)
      .split(separator: "\n.SH ")[0]
    let statuses: [Commands.ExitStatus] = [
      .failure, .changes, .notUp, .unknownInstance, .usage, .notFound, .notRun,
    ]
    for status in statuses { #expect(part.contains("\(status.rawValue)")) }
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completionsAreMade(_ shell: String) throws {
    let kind = try #require(CompletionShell(rawValue: shell))
    let script = NSWGCommand.completionScript(for: kind)
    for word in ["leaktest", "watch", "migrate"] { #expect(script.contains(word)) }
  }
}
