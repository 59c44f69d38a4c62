/// A place in a configuration file; prints as `path:line:column`, or `path` for the whole file.
package struct SourceLocation: Equatable, Sendable, CustomStringConvertible {
  package let path: String
  /// Physical line, from 1; 0 means the whole file.
  package let line: Int
  /// Byte in the line, from 1.
  package let column: Int

  package init(_ path: String, line: Int = 0, column: Int = 0) {
    self.path = path
    self.line = line
    self.column = column
  }

  package var description: String { line == 0 ? inText : "\(inText):\(column)" }

  /// Without the column: how the text of a message names another place than its own.
  package var inText: String {
    // Whoever names a file could otherwise forge a line in a log.
    let path = escapeControls(self.path)
    return line == 0 ? path : "\(path):\(line)"
  }
}

/// What is wrong with a configuration, as a value; only `main` prints it.
///
/// Reads `path:line:column: KEY=: 'value' is …; what is allowed; what happens now`. The text never
/// holds a secret: whoever makes one knows from the key's row whether its value may be shown.
package struct Diagnostic: Equatable, Sendable, CustomStringConvertible {
  package enum Severity: Sendable { case warning, error }

  package let severity: Severity
  package let location: SourceLocation
  package let text: String

  package init(_ severity: Severity, _ location: SourceLocation, _ text: String) {
    self.severity = severity
    self.location = location
    self.text = text
  }

  package var isError: Bool { severity == .error }
  package var description: String { "\(location): \(text)" }
}

/// How many messages of each severity are kept of one file: they go to the kernel's log and, as
/// arguments, into a unit, and both have their limits.
let messageLimit = 25

extension [Diagnostic] {
  /// The first messages of each severity, and how many are left out.
  func limited(path: String) -> [Diagnostic] {
    guard count > messageLimit else { return self }
    var counts: [Diagnostic.Severity: Int] = [:]
    var kept = filter { diagnostic in
      counts[diagnostic.severity, default: 0] += 1
      return counts[diagnostic.severity, default: 0] <= messageLimit
    }
    for severity in [Diagnostic.Severity.error, .warning] {
      let leftOut = counts[severity, default: 0] - messageLimit
      guard leftOut > 0 else { continue }
      let what = severity == .error ? "errors" : "warnings"
      kept.append(Diagnostic(severity, SourceLocation(path), "\(leftOut) more \(what), not shown"))
    }
    return kept
  }
}

/// A value between single ticks for a message: control characters escaped, at most 60 characters.
///
/// A key that was put in the wrong place, or half of one, is not shown: messages end up in units.
package func quoted(_ value: String) -> String {
  guard !mayHoldKey(value) else { return "(not shown, it may be a key)" }
  let shown = escapeControls(String(String.UnicodeScalarView(value.unicodeScalars.prefix(60))))
  return value.unicodeScalars.count > 60 ? "'\(shown)…'" : "'\(shown)'"
}

/// Control characters as `\x0a`: they could forge a line in a log or move a terminal's cursor.
private func escapeControls(_ text: String) -> String {
  var escaped = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    if scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) {
      let digits = String(scalar.value, radix: 16)
      escaped += "\\x\(digits.utf8.count < 2 ? "0" : "")\(digits)".unicodeScalars
    } else {
      escaped.append(scalar)
    }
  }
  return String(escaped)
}

/// Whether a WireGuard key, or half of one, may be part of `text`: base64 that goes on for longer
/// than in any name or address of ours, and than in most paths, or that looks random.
func mayHoldKey(_ text: String) -> Bool {
  holdsKey(text) || hasRun(of: 22, in: text) { $0.isBase64 && $0 != UInt8(ascii: "/") }
    || looksRandom(text)
}

/// Whether capitals, small letters and digits take turns as in base64 of random bytes: also in a
/// key that a typo, a blank or many slashes cut into short runs.
private func looksRandom(_ text: String) -> Bool {
  enum Kind { case capital, small, digit, other }
  var previous = Kind.other
  var counts: [Kind: Int] = [:]
  var pairs = 0
  var turns = 0
  for byte in text.utf8 {
    let kind: Kind =
      if byte.isDigit { .digit } else if !byte.isLetter { .other } else {
        byte & 0x20 == 0 ? .capital : .small
      }
    counts[kind, default: 0] += 1
    if kind != .other && previous != .other {
      pairs += 1
      if kind != previous { turns += 1 }
    }
    previous = kind
  }
  // In base64 of random bytes two of three neighbours differ in kind, in words far fewer.
  return counts[.capital, default: 0] >= 2 && counts[.small, default: 0] >= 2 && pairs >= 12
    && turns * 3 >= pairs
}

/// Whether nearly all of a WireGuard key's 44 characters are part of `text`.
func holdsKey(_ text: String) -> Bool {
  hasRun(of: 40, in: text, where: \.isBase64)
}

private func hasRun(of length: Int, in text: String, where isMember: (UInt8) -> Bool) -> Bool {
  var run = 0
  for byte in text.utf8 {
    run = isMember(byte) ? run + 1 : 0
    if run == length { return true }
  }
  return false
}

extension UInt8 {
  fileprivate var isBase64: Bool {
    isLetter || isDigit || self == UInt8(ascii: "+") || self == UInt8(ascii: "/")
  }
}

/// A key as the file has it, for a message; not when it could be a secret pasted on its own line.
func quotedKey(_ key: String) -> String {
  // A WireGuard key without its last '=' has 43 characters; our longest key has 32.
  key.utf8.count <= 40 ? quoted(key) : "of \(key.utf8.count) characters"
}
