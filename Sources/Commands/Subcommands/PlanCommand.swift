internal import ArgumentParser
internal import GeneratorCore

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "What the next daemon-reload would change, and what VPNs that run would take.",
    discussion: "The exit status is 0 when nothing would change, and 2 when something would.")

  @OptionGroup var options: OutputOptions

  func run() throws {
    let (plan, diagnostics) = try PlanReader().read()
    let output = options.output
    if options.json {
      output.write(PlanRendering.json(plan))
    } else {
      output.write(PlanRendering.lines(plan))
    }
    for diagnostic in diagnostics { output.note(diagnostic.description) }
    guard plan.isEmpty else { throw ExitCode(ExitStatus.changes.rawValue) }
  }
}
