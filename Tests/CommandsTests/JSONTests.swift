import Foundation
import Stage
import Testing

@testable import Commands

@Suite struct JSONTests {
  /// By another reader than our own writer.
  private func parsed(_ value: JSONValue, indentation: Int? = 0) throws -> [String: Any] {
    let data = Data(value.rendered(indentation: indentation).utf8)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test(arguments: [nil, 0] as [Int?]) func reportIsJSON(_ indentation: Int?) throws {
    let object = try parsed(ReportJSON.value(try Samples.up()), indentation: indentation)
    #expect(object["state"] as? String == "up" && object["handshake_age_seconds"] as? Int == 60)
    let peers = try #require(object["peers"] as? [[String: Any]])
    #expect(peers.count == 1 && peers[0]["preshared_key"] as? Bool == true)
    let attached = try #require(object["attached"] as? [[String: Any]])
    #expect(attached[0]["place"] as? String == "inside")
  }

  @Test func aReportOnOneLineHasOne() throws {
    #expect(!ReportJSON.value(try Samples.up()).rendered(indentation: nil).contains("\n"))
  }

  /// The detector sees both keys in the file itself.
  @Test func noSecretIsInAnyAnswer() throws {
    let report = try Samples.up()
    let secrets = [Samples.privateKey, Samples.presharedKey]
    let answers = [
      ReportJSON.value(report).rendered(), plain(StatusRendering.lines(report)),
      plain(ListRendering.lines([report])), MetricsText.render([report]),
      InstanceDiagram.draw(report, uplink: nil).svg,
    ]
    for secret in secrets {
      #expect(Samples.file.contains(secret))
      for answer in answers { #expect(!answer.contains(secret)) }
    }
  }

  @Test func odddCharactersAreEscaped() throws {
    let text = "a\"b\\c\n\u{1}\u{7f}é→"
    let object = try parsed(.object(["k\"": .text(text)]))
    #expect(object["k\""] as? String == text)
  }

  @Test func emptyOnesStayOnALine() {
    #expect(JSONValue.array([]).rendered() == "[]" && JSONValue.object([]).rendered() == "{}")
    #expect(
      JSONValue.array([.null, .boolean(true), .number(-1)]).rendered(indentation: nil)
        == "[null,true,-1]")
  }

  @Test(
    arguments: [
      (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1_300_000, "1.2 MiB"),
      (UInt64.max, "15.9 EiB"),
    ] as [(UInt64, String)])
  func bytes(_ count: UInt64, _ text: String) { #expect(Quantities.bytes(count) == text) }

  @Test(
    arguments: [
      (0, "0s"), (59, "59s"), (61, "1m 1s"), (7500, "2h 5m"), (273_600, "3d 4h"),
    ] as [(Int64, String)])
  func durations(_ seconds: Int64, _ text: String) {
    #expect(Quantities.duration(seconds) == text)
  }

  @Test(arguments: 0..<40) func base64(_ count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 5) }
    #expect(Quantities.base64(bytes) == Data(bytes).base64EncodedString())
  }
}
