internal import ArgumentParser
internal import GeneratorCore
internal import Stage
internal import SystemCalls

struct DiagramCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagram", abstract: "A drawing of one VPN, as it is now.")

  @OptionGroup var instance: InstanceArgument

  @Option(
    help: ArgumentHelp("Write a picture to this file; '-' is standard output.", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var svg: String?

  @OptionGroup var options: OutputOptions

  func run() throws {
    let reader = try ReportReader()
    let report = try reader.report(try reader.find(instance.name))
    let output = options.output
    // What the drawing is made of.
    guard !options.json else { return output.write(ReportJSON.value(report)) }
    let drawing = InstanceDiagram.draw(report, uplink: Self.uplink(report))
    switch svg {
    case nil: output.write(drawing.lines)
    case "-": writeText(drawing.svg, to: 1)
    case .some(let path):
      try system(try replaceFile(path, with: Array(drawing.svg.utf8), mode: 0o644))
    }
    for part in Unread.summary(reader, [report]) { output.note(part) }
  }

  private static func uplink(_ report: InstanceReport) -> (interface: String, source: IPAddress?)? {
    var endpoint = (report.observed.wireGuard?.peers ?? []).compactMap(\.endpoint).first
    for peer in report.instance?.wireGuard.peers ?? [] where endpoint == nil {
      if case .address(let address) = peer.endpoint?.host, let port = peer.endpoint?.port {
        endpoint = SocketAddress(address, port: port)
      }
    }
    let mark = report.observed.wireGuard?.fwMark ?? 0
    return endpoint.flatMap { Observer().uplink(to: $0, mark: mark == 0 ? nil : mark) }
  }
}
