import GeneratorCore
import Testing

/// The grammar of systemd's EnvironmentFile=: one row a rule, one line of table a case.
@Suite struct EnvironmentFileTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let text: String
    let pairs: [String]
    var warnings: [String] = []
    var testDescription: String { text.debugDescription }
  }

  static let rows: [Row] = [
    // Comments: only where '#' or ';' is the first character of a line that is no blank.
    Row(text: "# A=x\n ;B=y\n\t# C=z\nD=w", pairs: ["D=w"]),
    Row(text: "A=x;y", pairs: ["A=x;y"]),
    Row(text: "A=x#y", pairs: ["A=x#y"]),
    Row(
      text: "A=x # c", pairs: ["A=x # c"],
      warnings: [
        "f:1:3: A=: '#' begins a comment only at the start of a line; here it is part of"
          + " the value"
      ]),
    Row(
      text: "\nA=\"x\" # c", pairs: ["A=x# c"],
      warnings: [
        "f:2:3: A=: '#' begins a comment only at the start of a line; here it is part of"
          + " the value"
      ]),
    // Since systemd 254 a comment ends at its line, whatever it ends in.
    Row(text: "# c \\\nA=x", pairs: ["A=x"]),
    Row(text: "; c \\\r\nA=x", pairs: ["A=x"]),
    // Keys: blanks around them are dropped, and lines without '=' are, too, without continuation.
    Row(text: " \t A \t= x", pairs: ["A=x"]),
    Row(
      text: "normal ignored \\\nA=x", pairs: ["A=x"],
      warnings: ["f:1:1: not KEY=value; ignoring the line"]),
    Row(
      text: "A=x\nend", pairs: ["A=x"], warnings: ["f:2:1: not KEY=value; ignoring the line"]),
    Row(text: "_a9=x\nA_=y", pairs: ["_a9=x", "A_=y"]),
    Row(
      text: "A=1\n  export A=b", pairs: ["A=1"],
      warnings: [
        "f:2:3: 'export A' is not a key, this is not a shell script: leave out 'export';"
          + " ignoring the line"
      ]),
    Row(
      text: "9A=b", pairs: [],
      warnings: ["f:1:1: '9A' is not a key, a key is letters, digits and '_'; ignoring the line"]),
    Row(
      text: "=b=c", pairs: [],
      warnings: ["f:1:1: '=b' is not a key, a key is letters, digits and '_'; ignoring the line"]),
    Row(
      text: "Ä=b", pairs: [],
      warnings: ["f:1:1: 'Ä' is not a key, a key is letters, digits and '_'; ignoring the line"]),
    Row(
      text: "\u{feff}A=x\nB=y", pairs: ["B=y"],
      warnings: [
        "f:1:1: a byte order mark, which systemd takes for a part of the first line; ignoring that"
          + " line; remove the mark"
      ]),
    // Without a harmed key it does no harm.
    Row(
      text: "\u{feff}\nB=y", pairs: ["B=y"],
      warnings: [
        "f:1:1: a byte order mark, which systemd takes for a part of the first line; ignoring that"
          + " line; remove the mark",
        "f:1:1: not KEY=value; ignoring the line",
      ]),
    // Bare values: a backslash takes away meaning, joins lines, and keeps blanks at the end.
    Row(text: "A=\\a\\b\\\\", pairs: ["A=ab\\"]),
    Row(text: "A=\\ \\n \\t", pairs: ["A= n t"]),
    Row(text: "g=g\\ ", pairs: ["g=g "]),
    Row(text: "d= d\\\ne  \\\nf  ", pairs: ["d=de  f"]),
    Row(text: "A=a b  c \t \nB=y", pairs: ["A=a b  c", "B=y"]),
    Row(text: "A=x  \\\n\nB=y", pairs: ["A=x  ", "B=y"]),
    Row(text: "A=x\\", pairs: ["A=x"]),
    Row(text: "A=foo\"b\"", pairs: ["A=foo\"b\""]),
    Row(text: "A=foo'b'", pairs: ["A=foo'b'"]),
    Row(text: "A=\\\"b\"", pairs: ["A=\"b\""]),
    // Quotes: what follows a closing one is appended, blanks between are not.
    Row(text: "A=\"a\" \"b\"", pairs: ["A=ab"]),
    Row(text: "A=\"a\"b", pairs: ["A=ab"]),
    Row(text: "A='a'\"b\"c d ", pairs: ["A=abc d"]),
    Row(text: "A=\" a \"  ", pairs: ["A= a "]),
    Row(text: "A=' \\n'", pairs: ["A= \\n"]),
    Row(text: "A='a\nb\\\nc'\nB=y", pairs: ["A=a\nb\\\nc", "B=y"]),
    Row(text: "A='it\"s'", pairs: ["A=it\"s"]),
    Row(text: "A=\"\\n\\\"\\\\\\`\\$\"", pairs: ["A=\\n\"\\`$"]),
    Row(text: "A=\"a\\\nb\"", pairs: ["A=ab"]),
    Row(text: "A=\"a\nb\"", pairs: ["A=a\nb"]),
    Row(text: "A=\"\\", pairs: ["A="], warnings: [unclosed("f:1:3")]),
    Row(text: "B=y\nA= \"a\nc=d", pairs: ["B=y", "A=a\nc=d"], warnings: [unclosed("f:2:4")]),
    Row(text: "A='a \nB=y\n", pairs: ["A=a \nB=y\n"], warnings: [unclosed("f:1:3")]),
    // Line ends: CR ends a line, but is kept in quotes.
    Row(text: "A=x\rB=y\r", pairs: ["A=x", "B=y"]),
    Row(text: "A=x\r\nB=y\r\n# c\r\nC=z", pairs: ["A=x", "B=y", "C=z"]),
    Row(text: "A=\"a\r\nb\"", pairs: ["A=a\r\nb"]),
    Row(text: "A=a\\\r\nB=y", pairs: ["A=a", "B=y"]),
    Row(text: "A=\"a\\\r\nb\"", pairs: ["A=a\\\r\nb"]),
    // The rest.
    Row(text: "", pairs: []),
    Row(text: "\n\n \t\n", pairs: []),
    Row(text: "A=", pairs: ["A="]),
    Row(text: "A=  \nB=''\nC=\"\"", pairs: ["A=", "B=", "C="]),
    Row(text: "A=1\nB=2\nA=3", pairs: ["A=1", "B=2", "A=3"]),
    Row(text: "A=$B ${C} %n", pairs: ["A=$B ${C} %n"]),
    Row(text: "A=b=c", pairs: ["A=b=c"]),
    Row(text: "A=ü\u{1f600}", pairs: ["A=ü\u{1f600}"]),
  ]

  private static func unclosed(_ place: String) -> String {
    "\(place): a quote opens here and never closes; taking the rest of the file as value"
  }

  @Test(arguments: rows) func row(_ row: Row) {
    let file = EnvironmentFile(parsing: Array(row.text.utf8), path: "f")
    #expect(file.assignments.map { "\($0.key)=\($0.value)" } == row.pairs)
    #expect(file.diagnostics.map(\.description) == row.warnings)
    #expect(file.diagnostics.allSatisfy { !$0.isError })
  }

  /// Canonical equivalence of String would hide a lost byte.
  @Test func valuesKeepTheirBytes() {
    let decomposed: [UInt8] = [0x41, 0x3d, 0x75, 0xcc, 0x88]
    let file = EnvironmentFile(parsing: decomposed, path: "f")
    #expect(file.assignments.map { Array($0.value.utf8) } == [[0x75, 0xcc, 0x88]])
  }

  /// systemd loses count where a value goes over several lines; we do not.
  @Test func locationsCountPhysicalLinesAndBytes() {
    let text = "A=a\\\nb\n  B = \"x\ny\"\nÄÖ\nC=z\r\n\tD=w"
    let file = EnvironmentFile(parsing: Array(text.utf8), path: "f")
    #expect(
      file.assignments.map(\.keyLocation.description) == ["f:1:1", "f:3:3", "f:6:1", "f:7:2"])
    #expect(
      file.assignments.map(\.valueLocation.description) == ["f:1:3", "f:3:6", "f:6:3", "f:7:4"])
    #expect(file.diagnostics.map(\.location.description) == ["f:5:1"])
  }

  @Test(
    arguments: [
      ("invalid byte", [0x41, 0x3d, 0xff]), ("overlong", [0x41, 0x3d, 0xc0, 0xaf]),
      ("surrogate", [0x41, 0x3d, 0xed, 0xa0, 0x80]), ("cut off", [0x41, 0x3d, 0xe2, 0x82]),
      ("U+FFFE", [0x41, 0x3d, 0xef, 0xbf, 0xbe]), ("U+FFFF", [0x41, 0x3d, 0xef, 0xbf, 0xbf]),
      ("U+FDD0", [0x41, 0x3d, 0xef, 0xb7, 0x90]), ("U+FDEF", [0x41, 0x3d, 0xef, 0xb7, 0xaf]),
      ("U+1FFFE", [0x41, 0x3d, 0xf0, 0x9f, 0xbf, 0xbe]), ("in a key", [0xff, 0x3d, 0x41]),
    ] as [(String, [UInt8])])
  func badEncodingFailsTheWholeFile(what: String, bytes: [UInt8]) {
    let file = EnvironmentFile(parsing: Array("B=y\n".utf8) + bytes, path: "f")
    #expect(file.assignments == [])
    #expect(
      file.diagnostics.map(\.description) == [
        "f:2:1: not UTF-8; systemd, too, takes nothing from such a file"
      ])
    #expect(file.diagnostics.allSatisfy { $0.isError })
  }

  /// Neighbours of the noncharacters are good.
  @Test(arguments: ["\u{fdcf}", "\u{fdf0}", "\u{fffd}", "\u{1fffd}", "\u{d7ff}", "\u{e000}"])
  func lastGoodScalars(_ scalar: String) {
    let file = EnvironmentFile(parsing: Array("A=\(scalar)".utf8), path: "f")
    #expect(file.assignments.map(\.value) == [scalar] && file.diagnostics == [])
  }

  /// What is no assignment is not looked at: systemd does not, either.
  @Test func badEncodingInCommentsIsFine() {
    let bytes = Array("# ".utf8) + [0xff, 0x0a] + Array("A=x".utf8)
    #expect(EnvironmentFile(parsing: bytes, path: "f").assignments.map(\.value) == ["x"])
  }

  @Test(arguments: ["A=x\n\0", "\0", "# \0\nA=x", "A='\0'", "A\0=x"])
  func nulFailsTheWholeFile(_ text: String) {
    let file = EnvironmentFile(parsing: Array(text.utf8), path: "f")
    #expect(file.assignments == [] && file.diagnostics.contains(where: \.isError))
    #expect(file.diagnostics.last?.text == "a NUL byte: this is not a text file")
  }
}
