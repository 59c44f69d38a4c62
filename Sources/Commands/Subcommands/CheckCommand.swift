internal import ArgumentParser
internal import GeneratorCore
internal import SystemCalls

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say what is wrong with files: those given, or all that are in place.")

  @Argument(help: "Files of either form, wherever they are.", completion: .file())
  var files: [String] = []

  @OptionGroup var options: OutputOptions

  func run() throws {
    let output = options.output
    var findings: [Diagnostic] = []
    var loaded: [LoadedInstance]
    if files.isEmpty {
      let (found, diagnostics) = ConfigDirectories().findAll()
      findings = diagnostics
      loaded = checkFiles(found.map(\.path))
    } else {
      loaded = checkFiles(files)
    }
    if options.json {
      output.write(Self.json(findings, loaded))
    } else {
      output.write(Self.lines(findings, loaded))
    }
    let all = findings + loaded.flatMap(\.diagnostics)
    guard all.isEmpty else { throw ExitCode(ExitStatus.failure.rawValue) }
  }

  static func lines(_ findings: [Diagnostic], _ loaded: [LoadedInstance]) -> [StyledLine] {
    var lines = findings.map(line)
    for one in loaded {
      if one.diagnostics.isEmpty { lines.append([Styled("good", .good), ": \(one.path)"]) }
      lines += one.diagnostics.map(line)
    }
    return lines
  }

  private static func line(_ diagnostic: Diagnostic) -> StyledLine {
    diagnostic.isError
      ? [Styled("error", .bad), ": \(diagnostic.description)"]
      : [Styled("warning", .doubtful), ": \(diagnostic.description)"]
  }

  static func json(_ findings: [Diagnostic], _ loaded: [LoadedInstance]) -> JSONValue {
    .object([
      "errors": .texts(findings.filter(\.isError).map(\.description)),
      "files": .array(
        loaded.map { one in
          .object([
            "file": .text(one.path), "name": .text(one.name.text),
            "errors": .texts(one.diagnostics.filter(\.isError).map(\.description)),
            "warnings": .texts(one.diagnostics.filter { !$0.isError }.map(\.description)),
          ])
        }),
    ])
  }
}
