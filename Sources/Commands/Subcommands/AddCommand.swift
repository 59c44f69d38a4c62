internal import ArgumentParser
internal import GeneratorCore
internal import Stage
internal import SystemCalls
internal import SystemdBus

struct AddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Put a provider's file into place, checked, and start the VPN.")

  @Argument(help: "The file, of either form.", completion: .file())
  var file: String

  @Option(help: ArgumentHelp("The VPN's name; by default the file's.", valueName: "name"))
  var name: String?

  @Flag(help: "Start it, and wait for the first handshake, as long as the file says.")
  var start = false

  @Flag(help: "Start it at every boot from now on.")
  var enable = false

  @OptionGroup var options: OutputOptions

  func run() throws {
    let output = options.output
    let new = try NewFile(file, name: name)
    for warning in new.warnings { output.note("warning: \(warning)") }
    let manager = try connected { () throws(DBusError) in try ServiceManager() }
    try new.write()
    output.note("wrote \(new.path)")
    try connected { () throws(DBusError) in try manager.reload() }
    let target = new.name.target
    if enable {
      try connected { () throws(DBusError) in try manager.enable(target) }
      output.note("enabled \(target)")
    }
    if start {
      try Self.start(new.name, manager, output)
      try Self.awaitAnswer(new.name, manager, output)
      output.note("'\(new.name)' works: there was a handshake")
    } else {
      output.note("start it with: systemctl start \(target)")
    }
    guard options.json else { return }
    let peers = Observer().observe(new.name).wireGuard?.peers ?? []
    output.write(Self.json(new, handshake: peers.compactMap(\.lastHandshake).max()))
  }

  /// Starts the VPN and says what its units say meanwhile.
  static func start(
    _ name: InstanceName, _ manager: ServiceManager, _ output: Output
  ) throws(CommandFailure) {
    let result = try Jobs(manager).perform(
      .start, name.target, watching: StageName.allCases.map(name.service)
    ) { output.note($1) }
    guard result != "done" else { return }
    let problem = try ReportReader().report(name).problem
    throw CommandFailure(
      "'\(name)' did not start: \(problem?.text ?? "the job of \(name.target): \(result)")"
        + "; \(problem?.remedy ?? "nswg status \(name) shows its units")")
  }

  /// Waits for a handshake, by the target that provokes one, as long as the VPN's file says.
  static func awaitAnswer(
    _ name: InstanceName, _ manager: ServiceManager, _ output: Output
  ) throws(CommandFailure) {
    let online = "\(packageName)-online@\(name)"
    let result = try Jobs(manager).perform(
      .start, "\(online).target", watching: ["\(online).service"]
    ) { output.note($1) }
    guard result != "done" else { return }
    let said = try ReportReader().report(name).unit("\(online).service")?.statusText ?? result
    throw CommandFailure(
      "'\(name)' is up, but nobody answers: \(said). Mend its file, then: systemctl reload"
        + " \(name.service(.wg))")
  }

  private static func json(_ new: NewFile, handshake: Int64?) -> JSONValue {
    .object([
      "name": .text(new.name.text), "file": .text(new.path),
      "last_handshake": JSONValue(handshake),
    ])
  }
}
