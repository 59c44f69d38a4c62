import Foundation
import Stage
import SystemCalls
import Testing

@testable import Commands

@Suite struct DiagramTests {
  private func drawing(_ report: InstanceReport) -> Drawing {
    InstanceDiagram.draw(report, uplink: ("enp0s3", IPAddress("203.0.113.7")))
  }

  /// As text and as a picture; RECORD=1 writes what there is, and fails, so that it is looked at.
  @Test(arguments: ["diagram.txt", "diagram.svg"]) func bothNamespacesSideBySide(
    _ golden: String
  ) throws {
    let drawing = drawing(try Samples.up())
    let text = golden.hasSuffix(".svg") ? drawing.svg : plain(drawing.lines)
    let path = "Tests/CommandsTests/Goldens/\(golden)"
    if ProcessInfo.processInfo.environment["RECORD"] == "1" {
      try text.write(to: projectURL(path), atomically: true, encoding: .utf8)
      Issue.record("recorded \(path); look at it")
    }
    #expect(try projectText(path) == text)
  }

  @Test func withoutAPairThereIsNone() throws {
    let report = try Samples.down(Samples.file + "TUNNEL_ENABLE=0\n")
    let text = plain(drawing(report).lines)
    #expect(!text.contains("veth") && text.contains("wg-work (down)"))
  }

  /// What is up has one colour, what is down another.
  @Test func coloursSayWhatIsUp() throws {
    var report = try Samples.up()
    #expect(!drawing(report).svg.contains("#cf222e"))
    report.observed.wireGuard?.link = nil
    #expect(drawing(report).svg.contains("#cf222e"))
    #expect(drawing(report).lines.rendered(inColour: true).contains("\u{1b}[31m"))
  }

  @Test func textIsEscapedInAPicture() {
    var drawing = Drawing()
    drawing.add(.text(x: 0, y: 0, "<a & b>", .plain))
    #expect(drawing.svg.contains("&lt;a &amp; b&gt;") && !drawing.svg.contains("<a"))
  }
}
