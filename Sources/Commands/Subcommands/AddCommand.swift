internal import ArgumentParser
internal import GeneratorCore
internal import SystemCalls
internal import SystemdBus

struct AddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Put a provider's file into place, checked, and start the VPN.")

  @Argument(help: "The file, of either form.", completion: .file())
  var file: String

  @Option(help: ArgumentHelp("The VPN's name; by default the file's.", valueName: "name"))
  var name: String?

  @Flag(help: "Start it, and wait for the first handshake.")
  var start = false

  @Flag(help: "Start it at every boot from now on.")
  var enable = false

  @Option(
    help: ArgumentHelp("With --start: how long to wait for the handshake.", valueName: "seconds"))
  var timeout = 30

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
    guard start else {
      guard !options.json else { return output.write(Self.json(new, handshake: nil)) }
      return output.note("start it with: systemctl start \(target)")
    }
    try Self.start(new.name, manager, output)
    guard
      try Self.waitForAnswer(new.name, manager, output, seconds: timeout),
      let time = Handshake().wait(for: new.instance, seconds: timeout)
    else {
      throw CommandFailure(
        "'\(new.name)' is up, but there was no handshake in \(timeout) s: is the endpoint right and"
          + " reachable by UDP, and are the keys those of this provider? \(Self.mend(new))")
    }
    output.note("'\(new.name)' works: there was a handshake")
    if options.json { output.write(Self.json(new, handshake: time)) }
  }

  private static func mend(_ new: NewFile) -> String {
    "Mend \(new.path), then: systemctl reload \(new.name.service(.wg))"
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
      "'\(name)' did not start: \(problem?.text ?? "the job of \(name.target): \(result ?? "")")"
        + "; \(problem?.remedy ?? "nswg status \(name) shows its units")")
  }

  /// Waits by the target that provokes a handshake, where there is one; false when that took longer.
  static func waitForAnswer(
    _ name: InstanceName, _ manager: ServiceManager, _ output: Output, seconds: Int
  ) throws(CommandFailure) -> Bool {
    let online = "\(packageName)-online@\(name)"
    let targets = try connected { () throws(DBusError) in
      try manager.units(named: ["\(online).target"])
    }
    guard targets.contains(where: { $0.load == "loaded" }) else {
      output.note("waiting for the handshake")
      return true
    }
    let result = try Jobs(manager).perform(
      .start, "\(online).target", watching: ["\(online).service"], seconds: seconds
    ) { output.note($1) }
    guard let result else { return false }
    guard result != "done" else { return true }
    let said = try ReportReader().report(name).unit("\(online).service")?.statusText ?? result
    throw CommandFailure("'\(name)' is up, but it has no answer: \(said); nswg status \(name)")
  }

  private static func json(_ new: NewFile, handshake: Int64?) -> JSONValue {
    .object([
      "name": .text(new.name.text), "file": .text(new.path),
      "last_handshake": JSONValue(handshake),
    ])
  }
}
