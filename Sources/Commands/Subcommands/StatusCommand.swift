internal import ArgumentParser
internal import GeneratorCore

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "All about one VPN, and what went wrong last.")

  @OptionGroup var instance: InstanceArgument

  @Flag(help: "Go on and show changes in place, until interrupted.")
  var watch = false

  @Option(help: ArgumentHelp("With --watch: how often, in seconds.", valueName: "seconds"))
  var interval = 2

  @OptionGroup var options: OutputOptions

  func validate() throws {
    guard interval > 0 else { throw ValidationError("--interval must be at least 1.") }
  }

  func run() throws {
    let output = options.output
    guard watch else {
      let report = try read()
      write(report, output)
      guard report.state == .up else { throw ExitCode(ExitStatus.notUp.rawValue) }
      return
    }
    let screen = Screen(output)
    while true {
      let report = try read()
      if options.json {
        output.writeLine(ReportJSON.value(report))
      } else {
        screen.show(StatusRendering.lines(report))
      }
      screen.wait(seconds: interval)
    }
  }

  private func read() throws -> InstanceReport {
    let reader = try ReportReader()
    var report = try reader.report(try reader.find(instance.name))
    report.unread = reader.unread + report.unread
    return report
  }

  private func write(_ report: InstanceReport, _ output: Output) {
    if options.json {
      output.write(ReportJSON.value(report))
    } else {
      output.write(StatusRendering.lines(report))
    }
  }
}
