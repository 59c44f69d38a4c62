internal import ArgumentParser
internal import GeneratorCore
internal import SystemCalls

/// What `main` does: reads the command line, runs, and says what went wrong.
package enum Program {
  /// Returns the exit status; `arguments` are without the program's name.
  package static func run(_ arguments: [String]) -> Int32 {
    do {
      try refuseUnknown(arguments)
      var command = try NSWGCommand.parseAsRoot(arguments)
      try command.run()
      return 0
    } catch let failure as CommandFailure {
      writeText("nswg: \(failure)\n", to: 2)
      return failure.status.rawValue
    } catch {
      // Help and versions go to standard output, and are no failure.
      let code = NSWGCommand.exitCode(for: error)
      let text = NSWGCommand.fullMessage(for: error)
      if !text.isEmpty { writeText(text + "\n", to: code == .success ? 1 : 2) }
      return code.rawValue
    }
  }

  /// The parser would take an unknown subcommand for an argument of the default one.
  private static func refuseUnknown(_ arguments: [String]) throws(CommandFailure) {
    let names = NSWGCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
    guard let word = arguments.first, !word.hasPrefix("-"), !(names + ["help"]).contains(word)
    else { return }
    let hint = nearest(to: word, among: names).map { "did you mean '\($0)'?" }
    throw CommandFailure(
      "there is no subcommand \(quoted(word)); \(hint ?? "'nswg --help' lists them")",
      status: .usage)
  }
}
