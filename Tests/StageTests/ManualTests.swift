import GeneratorCore
import SystemCalls
import Testing

@testable import Stage

/// The manual pages of the two programs have every command and option that these know.
@Suite struct ManualTests {
  private func page(_ name: String) throws -> String {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let bytes = try readFile("/\(root)/man/\(name)", limit: 1 << 20)
    return String(decoding: bytes, as: UTF8.self).replacing("\\-", with: "-")
  }

  /// The words of a section's macros, `.SH NAME` to the next one, without macros and fonts.
  private func section(_ name: String, of page: String) -> String {
    page.split(separator: "\n.SH ").first { $0.hasPrefix("\(name)\n") }.map { section in
      section.split(separator: "\n").map { line in
        line.replacing(/^\.(SH|SS|[BIR]+|TP|br|IP|PP) ?/, with: "").replacing("\"", with: "")
      }.joined(separator: " ")
    } ?? ""
  }

  /// As the usage has them: `netns|wg|tunnel up|down` is six.
  private var commands: [String] {
    StageCommand.usage.split(separator: "\n").flatMap { line -> [String] in
      let words = line.split(separator: " ").drop { $0 != "nswg-stage" }.dropFirst()
        .prefix { $0.first?.isLowercase ?? false }
      return words.reduce([""]) { commands, word in
        commands.flatMap { command in
          word.split(separator: "|").map { command.isEmpty ? "\($0)" : "\(command) \($0)" }
        }
      }
    }
  }

  @Test func usageHasThemAll() {
    #expect(commands.count >= 12 && Set(commands).count == commands.count)
    for stage in StageName.allCases {
      #expect(commands.contains("\(stage.rawValue) up"))
      #expect(commands.contains("\(stage.rawValue) down"))
    }
    // What is not in the usage is no command.
    for verb in ["up", "down", "start", "status", "probe", "help"] {
      #expect(StageCommand([verb, "work"]) == nil)
    }
  }

  @Test func stagesPageHasEachCommand() throws {
    let page = try page("nswg-stage.8")
    let synopsis = section("SYNOPSIS", of: page)
    let entries = page.split(separator: ".TP\n").dropFirst()
      .compactMap { $0.split(separator: "\n").first }
      .map { $0.replacing(#/^\.[BIR]+ /#, with: "").replacing("\"", with: "") }
    var described = 0
    for command in commands {
      let words = command.split(separator: " ")
      #expect(words.allSatisfy { synopsis.contains($0) }, "\(command) is not in the synopsis")
      // `netns | wg | tunnel down` is the entry of three.
      let isDescribed = entries.contains { entry in
        entry == command
          || words.count == 2 && entry.hasSuffix(" \(words[1])")
            && entry.split(separator: " ").contains(words[0])
      }
      #expect(isDescribed, "\(command) has no entry")
      described += isDescribed ? 1 : 0
    }
    #expect(described >= 12)
    #expect(!entries.contains("no such command"))
  }

  @Test(arguments: [
    ("nswg-stage.8", StageCommand.usage, 1),
    ("nswg-systemd-generator.8", GeneratorCommand.usage, 2),
  ])
  func pagesHaveEachOption(name: String, usage: String, least: Int) throws {
    let page = try page(name)
    let options = Set(usage.matches(of: /--[a-z-]+/).map { String($0.0) })
    #expect(options.count >= least)
    for option in options {
      #expect(section("SYNOPSIS", of: page).contains(option), "\(option) is not in the synopsis")
      // Said once more, where it is explained.
      #expect(page.split(separator: option).count > 2, "\(option) is not explained")
    }
  }
}
