// The grammar of systemd's EnvironmentFile=, see systemd.exec(5); knows no key.
//
// The rules are those of systemd 254 and later. Older ones differ in one point: there a comment
// that ends in a backslash swallows the next line (systemd/systemd#27975).

/// What an environment file holds, in the order of the file, and what is odd about it.
package struct EnvironmentFile {
  package let assignments: [Assignment]
  package let diagnostics: [Diagnostic]

  /// Parses `bytes`; `path` is for locations only.
  ///
  /// A NUL byte or invalid UTF-8 is an error and leaves no assignment: systemd, too, then takes
  /// nothing from the file.
  package init(parsing bytes: [UInt8], path: String) {
    var scanner = EnvironmentScanner(path: path)
    scanner.scan(bytes)
    diagnostics = scanner.diagnostics
    assignments = scanner.diagnostics.contains(where: \.isError) ? [] : scanner.assignments
  }
}

extension EnvironmentFile {
  /// Where lines begin, as indices: not those within quotes, nor those that a backslash joins to
  /// the one before.
  static func lineStarts(of bytes: ArraySlice<UInt8>) -> [Int] {
    var scanner = EnvironmentScanner(path: "")
    var starts = [bytes.startIndex]
    for (index, byte) in zip(bytes.indices, bytes) {
      scanner.advance(over: byte)
      if byte == .newline && scanner.state == .betweenLines { starts.append(index + 1) }
    }
    return starts
  }
}
