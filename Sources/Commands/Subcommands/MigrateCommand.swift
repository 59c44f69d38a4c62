internal import ArgumentParser
internal import GeneratorCore
internal import Glibc
internal import SystemCalls
internal import SystemdBus

struct MigrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Make VPNs of the single-VPN project's file and of /etc/wireguard.",
    discussion: "Shows first what it will do, and asks; in a pipe it only shows, without --yes.")

  @Option(
    help: ArgumentHelp(
      "What the single file's VPN is to be called; by default as its namespace.",
      valueName: "name"))
  var name: String?

  @Flag(name: [.short, .long], help: "Do it, and do not ask.")
  var yes = false

  @OptionGroup var options: OutputOptions

  func run() throws {
    let output = options.output
    let manager = try connected { () throws(DBusError) in try ServiceManager() }
    let migration = try MigrationPlanner(manager).plan(naming: name)
    if options.json { output.write(migration.json) } else { output.write(migration.lines) }
    guard !migration.moves.isEmpty, try isWanted() else { return }
    for move in migration.moves { try perform(move, manager, output) }
    try connected { () throws(DBusError) in try manager.reload() }
    for move in migration.moves where !move.stopped.isEmpty {
      guard let name = InstanceName(move.name) else { continue }
      try AddCommand.start(name, manager, output)
      do throws(CommandFailure) { try AddCommand.awaitAnswer(name, manager, output) } catch {
        output.note("\(error)")
      }
    }
    let started = migration.moves.filter { !$0.stopped.isEmpty }.map(\.name)
    for move in migration.moves where !started.contains(move.name) {
      output.note("start it with: systemctl start namespaced-wireguard-vpn@\(move.name).target")
    }
  }

  private func isWanted() throws(CommandFailure) -> Bool {
    guard !yes else { return true }
    guard isatty(0) == 1, !options.json else { return false }
    writeText("Do this? [y/N] ", to: 1)
    return readLine()?.lowercased().hasPrefix("y") ?? false
  }

  private func perform(
    _ move: Migration.Move, _ manager: ServiceManager, _ output: Output
  ) throws(CommandFailure) {
    let jobs = try Jobs(manager)
    for unit in move.stopped.reversed() { _ = try jobs.perform(.stop, unit) }
    let bytes = try system(try readFile(move.from, limit: ConfigDirectories.sizeLimit))
    try writeConfig(bytes, to: move.to)
    output.note("wrote \(move.to)")
    guard let retired = move.retired else { return }
    guard unsafe rename(move.from, retired) == 0 else {
      throw CommandFailure(SystemError("rename", move.from, errno: errno))
    }
    output.note("renamed \(move.from) to \(retired)")
  }
}
