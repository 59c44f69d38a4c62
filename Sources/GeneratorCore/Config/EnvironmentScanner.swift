/// U+FEFF in UTF-8, with which some editors begin a file.
private let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

/// The state machine behind `EnvironmentFile`, a byte at a time.
struct EnvironmentScanner {
  enum State {
    case betweenLines
    case comment
    case key
    /// After `=` or a closing quote: blanks are dropped, a quote opens.
    case valueStart
    case bareValue
    case bareEscape
    case singleQuoted
    case doubleQuoted
    case doubleQuotedEscape
  }

  let path: String
  private(set) var assignments: [Assignment] = []
  private(set) var diagnostics: [Diagnostic] = []
  private(set) var state = State.betweenLines
  private var line = 1
  private var column = 1
  private var key: [UInt8] = []
  private var value: [UInt8] = []
  /// How much of `value` stays when the blanks at its end are dropped.
  private var keptCount = 0
  private var keyLocation: SourceLocation
  private var places: ValuePlaces
  private var quoteLocation: SourceLocation
  private var hasTrailingComment = false

  init(path: String) {
    self.path = path
    keyLocation = SourceLocation(path)
    places = ValuePlaces(from: keyLocation)
    quoteLocation = keyLocation
  }

  private var location: SourceLocation { SourceLocation(path, line: line, column: column) }

  mutating func scan(_ bytes: [UInt8]) {
    if bytes.starts(with: byteOrderMark) {
      warn(
        location,
        "a byte order mark, which systemd takes for a part of the first line; ignoring that line;"
          + " remove the mark")
    }
    var index = 0
    while index < bytes.count {
      if column == 1, state == .betweenLines, let plain = PlainLine.read(bytes.span, from: index) {
        take(plain.line, of: bytes)
        line += 1
        index = plain.end + 1
        continue
      }
      guard bytes[index] != 0 else { return fail("a NUL byte: this is not a text file") }
      advance(over: bytes[index])
      index += 1
    }
    finish()
  }

  private mutating func take(_ plain: PlainLine, of bytes: [UInt8]) {
    guard case .assignment(let key, let value) = plain else { return }
    assignments.append(
      Assignment(
        key: String(decoding: bytes[key], as: UTF8.self),
        value: String(decoding: bytes[value], as: UTF8.self),
        keyLocation: location,
        places: ValuePlaces(
          from: SourceLocation(path, line: line, column: column + key.count + 1))))
  }

  mutating func advance(over byte: UInt8) {
    step(byte)
    column += 1
    // A carriage return ends a line of the grammar, too, but not a line in an editor.
    if byte == .newline {
      line += 1
      column = 1
    }
  }

  private mutating func step(_ byte: UInt8) {
    switch state {
    case .betweenLines, .comment, .key: stepOutsideValue(byte)
    case .valueStart, .bareValue, .bareEscape: stepBareValue(byte)
    case .singleQuoted, .doubleQuoted, .doubleQuotedEscape: stepQuotedValue(byte)
    }
  }

  private mutating func stepOutsideValue(_ byte: UInt8) {
    switch state {
    case .betweenLines where byte == .hash || byte == .semicolon: state = .comment
    case .betweenLines where !byte.isBlank:
      // Even '=' is part of a key when it comes first.
      key = [byte]
      keyLocation = location
      state = .key
    case .comment where byte.isLineEnd: state = .betweenLines
    case .key where byte.isLineEnd: dropLine()
    case .key where byte == .equals:
      value = []
      keptCount = 0
      hasTrailingComment = false
      places = ValuePlaces(from: SourceLocation(path, line: line, column: column + 1))
      state = .valueStart
    case .key: key.append(byte)
    default: break
    }
  }

  private mutating func stepBareValue(_ byte: UInt8) {
    switch state {
    case .bareEscape:
      // A backslash joins lines; before anything else it only takes away a special meaning.
      if !byte.isLineEnd {
        append(byte, column: column)
        keptCount = value.count
      }
      state = .bareValue
    case _ where byte.isLineEnd: endAssignment()
    case _ where byte == .backslash:
      keptCount = value.count
      state = .bareEscape
    case .valueStart where byte == .singleQuote || byte == .doubleQuote:
      quoteLocation = location
      state = byte == .singleQuote ? .singleQuoted : .doubleQuoted
    case .valueStart where byte.isBlank: break
    default:
      if byte == .hash, value.last?.isBlank ?? false || state == .valueStart && !value.isEmpty {
        hasTrailingComment = true
      }
      append(byte, column: column)
      if !byte.isBlank { keptCount = value.count }
      state = .bareValue
    }
  }

  private mutating func stepQuotedValue(_ byte: UInt8) {
    switch state {
    case .singleQuoted where byte == .singleQuote, .doubleQuoted where byte == .doubleQuote:
      state = .valueStart
    case .doubleQuoted where byte == .backslash: state = .doubleQuotedEscape
    case .doubleQuotedEscape:
      if !byte.isSpecialInDoubleQuotes && byte != .newline {
        append(.backslash, column: column - 1)
      }
      if byte != .newline { append(byte, column: column) }
      state = .doubleQuoted
    default: append(byte, column: column)
    }
    keptCount = value.count
  }

  private mutating func append(_ byte: UInt8, column: Int) {
    places.note(offset: value.count, line: line, column: column)
    value.append(byte)
  }

  private mutating func finish() {
    switch state {
    case .betweenLines, .comment: break
    case .key: dropLine()
    case .singleQuoted, .doubleQuoted, .doubleQuotedEscape:
      warn(
        quoteLocation, "a quote opens here and never closes; taking the rest of the file as value")
      endAssignment()
    case .bareEscape:
      keptCount = value.count
      endAssignment()
    case .valueStart, .bareValue: endAssignment()
    }
  }

  private mutating func dropLine() {
    state = .betweenLines
    // What stands in such a line may be half a key: it is not echoed.
    warn(keyLocation, "not KEY=value; ignoring the line")
  }

  private mutating func endAssignment() {
    state = .betweenLines
    value.removeLast(value.count - keptCount)
    while let last = key.last, last.isBlank { key.removeLast() }
    guard let name = String(systemdValid: key), let text = String(systemdValid: value) else {
      return fail("not UTF-8; systemd, too, takes nothing from such a file", at: keyLocation)
    }
    guard key.isVariableName else {
      // One message about the mark is enough.
      return key.starts(with: byteOrderMark) ? () : warnBadName(name)
    }
    if hasTrailingComment {
      // A WireGuard key on a line of its own can look like the name of a variable.
      let shown = mayHoldKey(name) || name.utf8.count > 40 ? quotedKey(name) : "\(name)="
      warn(
        places.start,
        "\(shown): '#' begins a comment only at the start of a line; here it is part of the value")
    }
    assignments.append(
      Assignment(key: name, value: text, keyLocation: keyLocation, places: places))
  }

  private mutating func warnBadName(_ name: String) {
    let hint =
      name.hasPrefix("export ")
      ? "this is not a shell script: leave out 'export'"
      : "a key is letters, digits and '_'"
    warn(keyLocation, "\(quotedKey(name)) is not a key, \(hint); ignoring the line")
  }

  private mutating func warn(_ location: SourceLocation, _ text: String) {
    diagnostics.append(Diagnostic(.warning, location, text))
  }

  private mutating func fail(_ text: String, at place: SourceLocation? = nil) {
    diagnostics.append(Diagnostic(.error, place ?? location, text))
  }
}

extension String {
  /// Nil for what systemd's utf8_is_valid() refuses: invalid UTF-8 and Unicode noncharacters.
  fileprivate init?(systemdValid bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self),
      text.unicodeScalars.allSatisfy({
        $0.value & 0xfffe != 0xfffe && !(0xfdd0...0xfdef).contains($0.value)
      })
    else { return nil }
    self = text
  }
}

extension [UInt8] {
  /// Whether this is `[A-Za-z_][A-Za-z0-9_]*`, as environ(7) wants it.
  fileprivate var isVariableName: Bool {
    guard let first, !first.isDigit else { return false }
    return allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
  }
}
