// The bytes that the grammars name.

extension UInt8 {
  static let newline = UInt8(ascii: "\n")
  static let hash = UInt8(ascii: "#")
  static let semicolon = UInt8(ascii: ";")
  static let comma = UInt8(ascii: ",")
  static let equals = UInt8(ascii: "=")
  static let backslash = UInt8(ascii: "\\")
  static let singleQuote = UInt8(ascii: "'")
  static let doubleQuote = UInt8(ascii: "\"")
  static let percent = UInt8(ascii: "%")

  var isLineEnd: Bool { self == .newline || self == UInt8(ascii: "\r") }
  /// Space, tab, and the two line ends: `WHITESPACE` of systemd's parser.
  var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || isLineEnd }
  /// What isspace(3) of C calls a blank.
  package var isSpace: Bool { self == UInt8(ascii: " ") || (0x09...0x0d).contains(self) }
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  var isLetter: Bool {
    let lower = self | 0x20
    return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower)
  }
  /// Before these a backslash in double quotes is taken away, as in sh(1).
  var isSpecialInDoubleQuotes: Bool {
    self == .doubleQuote || self == .backslash || self == UInt8(ascii: "`")
      || self == UInt8(ascii: "$")
  }
}
