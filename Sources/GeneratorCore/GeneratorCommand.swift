internal import SystemCalls

/// The command line of nswg-systemd-generator(8), and what running it comes to.
package enum GeneratorCommand {
  /// What is left for `main` to do: print, log, exit.
  package struct Outcome {
    /// For standard output.
    package var output = ""
    package var messages: [Message] = []
    package var status: Int32 = 0
  }

  /// A line for the kernel log or standard error, with a priority of syslog(3).
  package struct Message {
    package let priority: Int
    package let text: String
  }

  package static let usage = """
    usage: nswg-systemd-generator NORMAL-DIR [EARLY-DIR LATE-DIR] [--root DIR]
           nswg-systemd-generator --dry-run [--root DIR]

    """

  /// Runs the generator as `arguments` (without the program's name) say.
  ///
  /// `program` is the generator's own path, beside which the stage is found. systemd sets the
  /// variables that `environment` looks up, see systemd.generator(7).
  package static func run(
    arguments: [String], program: String, environment: (String) -> String?
  ) -> Outcome {
    // The initrd has no configuration of ours, and a user's manager no right to namespaces.
    if environment("SYSTEMD_IN_INITRD") == "1" || environment("SYSTEMD_SCOPE") == "user" {
      return Outcome()
    }
    guard let command = parse(arguments) else {
      return Outcome(messages: [Message(priority: 3, text: usage)], status: 2)
    }
    let generator = Generator(
      root: command.root, paths: InstalledPaths(besideGenerator: program) ?? .packaged)
    guard let directory = command.directory else {
      let result = generator.plan()
      return outcome(result, isStrict: true, output: result.plan.listing)
    }
    // By hand a warning counts, too; at boot it must not look like a failed generator.
    return outcome(
      generator.run(output: directory), isStrict: environment("SYSTEMD_SCOPE") == nil)
  }

  /// Nil for a wrong command line; no directory for a dry run.
  private static func parse(_ arguments: [String]) -> (root: String, directory: String?)? {
    var root = ""
    var isDryRun = false
    var directories: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--dry-run": isDryRun = true
      case "--root":
        guard let value = rest.popFirst() else { return nil }
        root = value.hasSuffix("/") ? String(value.dropLast()) : value
      case _ where argument.hasPrefix("-"): return nil
      default: directories.append(argument)
      }
    }
    // The normal directory alone is for trying by hand.
    guard isDryRun ? directories.isEmpty : directories.count == 1 || directories.count == 3 else {
      return nil
    }
    return (root, directories.first)
  }

  private static func outcome(
    _ result: Generator.Result, isStrict: Bool, output: String = ""
  ) -> Outcome {
    var messages = result.diagnostics.map {
      Message(priority: $0.isError ? 3 : 4, text: $0.description)
    }
    messages += result.writeErrors.map { Message(priority: 3, text: $0.description) }
    let failed = result.hasErrors || isStrict && !messages.isEmpty
    return Outcome(output: output, messages: messages, status: failed ? 1 : 0)
  }
}

extension InstalledPaths {
  /// Where the package installs, for a generator that is run from a build directory.
  fileprivate static let packaged = InstalledPaths(
    stage: "/usr/lib/\(packageName)/nswg-stage", units: "/usr/lib/systemd/system")
}

extension UnitPlan {
  /// Every file and link as text, for people.
  fileprivate var listing: String {
    files.map { "# \($0.path)\n\($0.text)\n" }.joined()
      + links.map { "# \($0.path) -> \($0.target)\n" }.joined()
  }
}
