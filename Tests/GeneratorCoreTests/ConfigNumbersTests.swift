import Testing

@testable import GeneratorCore

/// Values that are numbers, or words that stand for some.
@Suite struct ConfigNumbersTests {
  /// The value as text, or `refused`.
  private func read<Value>(_ parse: () throws(ValueFault) -> Value) -> String {
    do throws(ValueFault) { return "\(try parse())" } catch { return "refused" }
  }

  @Test(arguments: [
    ("auto", "nil"), ("", "nil"), ("576", "Optional(576)"), ("1420", "Optional(1420)"),
    ("65535", "Optional(65535)"), ("575", "refused"), ("65536", "refused"), ("-1", "refused"),
    ("1420 ", "refused"), ("0x500", "refused"), ("99999999999999999999", "refused"),
    ("1e3", "refused"), ("١٤٢٠", "refused"), ("AUTO", "refused"),
  ])
  func mtu(text: String, expected: String) {
    #expect(read { () throws(ValueFault) in try parseMTU(text) } == expected)
  }

  @Test(arguments: [
    ("off", "0"), ("OFF", "0"), ("0", "0"), ("25", "25"), ("65535", "65535"), ("65536", "refused"),
    ("", "refused"), ("-1", "refused"), ("25s", "refused"), ("+25", "refused"),
  ])
  func keepalive(text: String, expected: String) {
    #expect(read { () throws(ValueFault) in try parseKeepalive(text) } == expected)
  }

  @Test(arguments: [
    ("1", "1"), ("51820", "51820"), ("65535", "65535"), ("0", "0"), ("65536", "refused"),
    ("", "refused"), ("99999", "refused"), ("5 1", "refused"), ("-0", "refused"),
    ("off", "refused"),
  ])
  func listenPort(text: String, expected: String) {
    #expect(read { () throws(ValueFault) in try parseListenPort(text) } == expected)
  }

  @Test(arguments: [
    ("off", "0"), ("Off", "0"), ("0", "0"), ("51820", "51820"), ("0xca6c", "51820"),
    ("0XCA6C", "51820"),
    ("0xffffffff", "4294967295"), ("4294967295", "4294967295"), ("4294967296", "refused"),
    ("0x100000000", "refused"), ("0x", "refused"), ("0x-1", "refused"), ("+1", "refused"),
    ("-1", "refused"), ("ca6c", "refused"), ("", "refused"), ("0xg", "refused"),
  ])
  func mark(text: String, expected: String) {
    #expect(read { () throws(ValueFault) in try parseFwMark(text) } == expected)
  }

  @Test(arguments: [
    ("auto", "automatic"), ("off", "off"), ("1", "number(1)"), ("51820", "number(51820)"),
    ("4294967295", "number(4294967295)"), ("4294967296", "refused"), ("0", "refused"),
    ("-1", "refused"), ("+1", "refused"), ("0x1", "refused"), ("main", "refused"), ("", "refused"),
  ])
  func routeTable(text: String, expected: String) {
    let found = read { () throws(ValueFault) in try parseRouteTable(text) }
    #expect(found.replacing("GeneratorCore.RouteTable.", with: "") == expected)
  }

  @Test(arguments: [
    "1", "2", "-1", "+1", "01", "10", "99999999999999999999999999", "yes", "y", "true", "t", "on",
    "YES", "On",
  ])
  func on(_ text: String) throws {
    #expect(try parseSwitch(text))
  }

  @Test(arguments: ["0", "00", "-0", "+0", "no", "n", "false", "f", "off", "NO", "False"])
  func off(_ text: String) throws {
    #expect(try !parseSwitch(text))
  }

  /// The original skipped its tunnel without a word on every one of these.
  @Test(arguments: ["", " ", "maybe", "1.0", "0x0", "--1", "-", "+", "1 ", "yes!", "enabled", "٠"])
  func neither(_ text: String) {
    #expect(read { () throws(ValueFault) in try parseSwitch(text) } == "refused")
  }
}
