internal import ArgumentParser
internal import Glibc
internal import SystemCalls

struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics", abstract: "The state of all VPNs in the text format of Prometheus.")

  @Option(
    help: ArgumentHelp(
      "Write to this file at once and whole, for node_exporter's textfile collector.",
      valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(help: "Write the reports that the metrics are made of, as JSON.")
  var json = false

  func run() throws {
    let reader = try ReportReader()
    let reports = try reader.names.map { try reader.report($0) }
    for part in Unread.summary(reader, reports) { Output().note(part) }
    let text =
      json ? ListRendering.json(reports).rendered() + "\n" : MetricsText.render(reports)
    guard let output else { return writeText(text, to: 1) }
    // node_exporter runs as a user of its own.
    umask(0o022)
    try system(try replaceFile(output, with: Array(text.utf8), mode: 0o644))
  }
}
