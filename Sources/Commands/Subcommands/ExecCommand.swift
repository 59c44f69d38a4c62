internal import ArgumentParser
internal import GeneratorCore
internal import Glibc
internal import Stage
internal import SystemCalls
internal import SystemdBus

struct ExecCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec", abstract: "Run a command in a VPN, as an attached service would run.",
    usage: "nswg exec NAME [--user USER] [--] COMMAND [ARGUMENT...]")

  @OptionGroup var instance: InstanceArgument

  @Option(help: ArgumentHelp("Run as this user, not as the caller.", valueName: "user"))
  var user: String?

  @Argument(parsing: .captureForPassthrough, help: "The command and its arguments.")
  var command: [String] = []

  func run() throws {
    let (words, user) = try splitOptions()
    guard let program = words.first else {
      throw CommandFailure("name a command to run, as in: nswg exec work -- curl", status: .usage)
    }
    let reader = try ReportReader()
    let name: InstanceName
    do throws(CommandFailure) { name = try reader.find(instance.name) } catch {
      throw CommandFailure(error.description, status: .notRun)
    }
    let report = try reader.report(name)
    let namespace = try Self.namespace(of: report)
    let runner = user ?? ProgramSearch.currentUser()
    // systemd would let the guard fail for it.
    guard ProgramSearch.isUser(runner) else {
      throw CommandFailure("there is no user \(quoted(runner))", status: .notRun)
    }
    let path = try ProgramSearch.find(program)
    let isOnTerminal = isatty(0) == 1 && isatty(1) == 1
    let terminal: PseudoTerminal? = isOnTerminal ? try system(try PseudoTerminal()) : nil
    let streams =
      (terminal?.path).map { TransientCommand.Streams.terminal($0) }
      ?? .descriptors(input: 0, output: 1, error: 2)
    let command = TransientCommand(
      name,
      confinement: ConfinementSettings(
        name, namespacePath: namespace,
        reachesDBus: report.file?.confinement?.reachesDBus ?? false,
        stage: Installation.paths.stage),
      program: path, arguments: words, user: runner,
      directory: ProgramSearch.currentDirectory(), environment: Self.environment, streams: streams)
    let manager = try connected { () throws(DBusError) in try ServiceManager() }
    let status: Int32
    do throws(CommandFailure) {
      var session = try CommandSession(
        manager, unit: "nswg-exec-\(name)-\(getpid()).service", terminal: terminal)
      status = try session.run(command.properties)
    } catch {
      // Whatever it was, it is not the command's own status.
      throw error.status == .failure ? CommandFailure("\(error)", status: .notRun) : error
    }
    if status != 0 { throw ExitCode(status) }
  }

  /// The command, and for whom: the parser takes options before the name only, and people write
  /// them behind it.
  func splitOptions() throws -> (command: [String], user: String?) {
    var (words, user) = (command[...], user)
    while let word = words.first, word.hasPrefix("-") {
      words = words.dropFirst()
      if word == "--" { break }
      if word == "--help" || word == "-h" { throw CleanExit.helpRequest(self) }
      if word.hasPrefix("--user=") {
        user = String(word.dropFirst("--user=".count))
      } else if word == "--user", let value = words.popFirst() {
        user = value
      } else {
        throw ValidationError("'\(word)' is no option; a command that begins so goes behind '--'.")
      }
    }
    return (Array(words), user)
  }

  /// The namespace's path, when the VPN is up: a command must not bring one up that somebody stopped.
  static func namespace(of report: InstanceReport) throws(CommandFailure) -> String {
    guard let namespace = report.observed.namespace, namespace.isThere,
      report.state == .up || report.state == .partial && report.unit(.wg)?.isActive ?? false
    else {
      throw CommandFailure(
        "the VPN '\(report.name)' is not up; \(report.remedy)", status: .notRun)
    }
    return namespace.path
  }

  /// What a program on a terminal looks at; nothing else of the caller's.
  private static var environment: [String] {
    ["TERM", "COLORTERM", "NO_COLOR", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES"]
      .compactMap { name in environmentVariable(name).map { "\(name)=\($0)" } }
  }
}
