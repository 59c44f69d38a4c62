internal import ArgumentParser
internal import GeneratorCore

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "A line per VPN: state, endpoint, handshake, traffic, services (the default).")

  @OptionGroup var options: OutputOptions

  func run() throws {
    let reader = try ReportReader()
    let output = options.output
    let reports = try reader.names.map { try reader.report($0) }
    guard !options.json else { return output.write(ListRendering.json(reports)) }
    if reports.isEmpty && reader.unread.isEmpty {
      output.note("there is no VPN yet; 'nswg add FILE' makes one of a provider's file")
    } else {
      output.write(ListRendering.lines(reports))
    }
    for part in Unread.summary(reader, reports) { output.note(part) }
  }
}

/// What a command says about the parts that it could not read.
enum Unread {
  static func summary(_ reader: ReportReader, _ reports: [InstanceReport]) -> [String] {
    var parts = reader.unread.map { "not read: \($0)" }
    let inside = reports.flatMap(\.unread)
    if let first = inside.first { parts.append("not read: \(first)") }
    if !parts.isEmpty { parts.append("root can read these") }
    return parts
  }
}
