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

  package var description: String { line == 0 ? path : "\(path):\(line):\(column)" }
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

/// A value between single ticks for a message: control characters escaped, at most 60 characters.
package func quoted(_ value: String) -> String {
  var text = "'"
  for scalar in value.unicodeScalars.prefix(60) {
    // Control characters could forge a line in a log or move a terminal's cursor.
    if scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) {
      let digits = String(scalar.value, radix: 16)
      text += "\\x" + (digits.utf8.count < 2 ? "0" : "") + digits
    } else {
      text.unicodeScalars.append(scalar)
    }
  }
  return value.unicodeScalars.count > 60 ? text + "…'" : text + "'"
}

/// A key as the file has it, for a message; not when it could be a secret pasted on its own line.
func quotedKey(_ key: String) -> String {
  // A WireGuard key without its last '=' has 43 characters; our longest key has 32.
  key.utf8.count <= 40 ? quoted(key) : "of \(key.utf8.count) characters"
}
