internal import ArgumentParser
internal import GeneratorCore
internal import Glibc
internal import Stage
internal import SystemCalls
internal import SystemdBus

struct RemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Stop a VPN and delete its file, keys and all.")

  @OptionGroup var instance: InstanceArgument

  @Flag(name: [.short, .long], help: "Do not ask.")
  var yes = false

  @OptionGroup var options: OutputOptions

  func run() throws {
    let output = options.output
    let reader = try ReportReader()
    let name = try reader.find(instance.name)
    let report = try reader.report(name)
    let path = report.file?.path
    if let path, !path.hasPrefix("/etc/"), !path.hasPrefix("/run/") {
      throw CommandFailure(
        "'\(path)' belongs to a package; mask it instead: ln -s /dev/null"
          + " \(ConfigDirectories.preferredPath(name))")
    }
    if report.isFileUnknown {
      throw CommandFailure("\(reader.unread.joined(separator: "; ")); try again as root")
    }
    try confirm(name, path)
    let manager = try connected { () throws(DBusError) in try ServiceManager() }
    let isRunning = report.units.contains { $0.active != "inactive" }
    if isRunning {
      try stop(report, manager)
      output.note("stopped \(name.target)")
    }
    if report.enablement?.hasPrefix("enabled") ?? false, !name.isSingle {
      try connected { () throws(DBusError) in try manager.disable(name.target) }
      output.note("disabled \(name.target)")
    }
    if let path {
      try system(try removeFile(path))
      output.note("deleted \(path)")
    }
    try system(try forgetEndpoints(of: name))
    for unit in report.units { manager.resetFailed(unit.name) }
    try connected { () throws(DBusError) in try manager.reload() }
    guard options.json else { return }
    output.write(
      .object([
        "name": .text(name.text), "file": path.map { .text($0) } ?? .null,
        "stopped": .boolean(isRunning),
      ]))
  }

  private func confirm(_ name: InstanceName, _ path: String?) throws(CommandFailure) {
    guard !yes else { return }
    guard isatty(0) == 1 else {
      throw CommandFailure(
        "this stops '\(name)' and deletes its keys; say --yes when nobody can be asked",
        status: .usage)
    }
    writeText("Stop '\(name)' and delete \(path ?? "nothing: it has no file")? [y/N] ", to: 1)
    guard let answer = readLine(), answer.lowercased().hasPrefix("y") else {
      throw CommandFailure("nothing was changed")
    }
  }

  /// Stops the target and its services, which the file must outlive.
  ///
  /// A target's job is done before theirs, so they are asked themselves; the namespace, which the
  /// others need, comes last.
  private func stop(
    _ report: InstanceReport, _ manager: ServiceManager
  ) throws(CommandFailure) {
    let jobs = try Jobs(manager)
    _ = try jobs.perform(.stop, report.name.target)
    for stage in StageName.allCases.reversed() {
      let result = try jobs.perform(.stop, report.name.service(stage))
      guard result == "done" else {
        throw CommandFailure(
          "\(report.name.service(stage)) did not stop (\(result)), so the file stays; see: nswg status"
            + " \(report.name)")
      }
    }
  }
}
