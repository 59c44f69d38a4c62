// The grammar of the files that VPN providers hand out, see wg-quick(8) and wg(8); knows no key.

/// A `[Header]` and what follows it.
package struct ProviderSection: Equatable, Sendable {
  /// As the file has it; letter case means nothing.
  package let name: String
  package let location: SourceLocation
  package private(set) var assignments: [Assignment] = []

  mutating func append(_ assignment: Assignment) { assignments.append(assignment) }
}

/// What a provider's file holds, in the order of the file, and what is wrong with its form.
package struct ProviderFile {
  package private(set) var sections: [ProviderSection] = []
  package private(set) var diagnostics: [Diagnostic] = []

  /// Whether `bytes` are of this form: some line is the header `[Interface]` or `[Peer]`.
  ///
  /// An environment file may have such a line within quotes, where it is part of a value. Anywhere
  /// else systemd would drop it, so nobody who means that form writes one.
  package static func isForm(of bytes: [UInt8]) -> Bool {
    guard bytes.contains(UInt8(ascii: "[")) else { return false }
    let text = bytes[...].withoutByteOrderMark
    let headers = text.split(separator: .newline).filter { line in
      let header = line.prefix { $0 != .hash }.headerName?.lowercased()
      return header == "interface" || header == "peer"
    }
    guard let last = headers.last else { return false }
    let starts = Set(EnvironmentFile.lineStarts(of: text[..<last.startIndex]))
    return headers.contains { starts.contains($0.startIndex) }
  }

  /// Parses `bytes`; `path` is for locations only.
  ///
  /// A NUL byte or invalid UTF-8 is an error and leaves nothing.
  package init(parsing bytes: [UInt8], path: String) {
    let rest = bytes[...].withoutByteOrderMark
    guard !rest.contains(0) else {
      fail(SourceLocation(path), "a NUL byte: this is not a text file")
      return
    }
    guard String(validating: rest, as: UTF8.self) != nil else {
      fail(SourceLocation(path), "not UTF-8: this is not a text file, or of another encoding")
      return
    }
    let lines = rest.split(separator: .newline, omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      parse(ProviderLine(line, path: path, number: index + 1))
    }
  }

  private mutating func parse(_ line: ProviderLine) {
    let content = line.content
    guard !content.isEmpty else { return }
    if let name = content.headerName {
      return sections.append(ProviderSection(name: name, location: line.location(of: content)))
    }
    guard let separator = content.firstIndex(of: .equals) else {
      return fail(
        line.location(of: content),
        "neither 'Key = value' nor a '[Section]'; a comment begins with '#'")
    }
    let key = content[..<separator].trimmed
    let value = content[content.index(after: separator)...].trimmed
    guard let section = sections.indices.last else {
      return fail(
        line.location(of: content),
        "a setting before the first '[Section]'; allowed: only comments")
    }
    sections[section].append(
      Assignment(
        key: String(decoding: key, as: UTF8.self), value: String(decoding: value, as: UTF8.self),
        keyLocation: line.location(of: content),
        places: ValuePlaces(from: line.location(of: value))))
  }

  private mutating func fail(_ location: SourceLocation, _ text: String) {
    diagnostics.append(Diagnostic(.error, location, text))
  }
}

/// A line without its comment, which `#` begins anywhere.
private struct ProviderLine {
  let content: ArraySlice<UInt8>
  private let path: String
  private let number: Int
  private let start: Int

  init(_ line: ArraySlice<UInt8>, path: String, number: Int) {
    content = line.prefix { $0 != .hash }.trimmed
    self.path = path
    self.number = number
    start = line.startIndex
  }

  /// Where a part of this line begins; slices keep the indices of the whole file.
  func location(of part: ArraySlice<UInt8>) -> SourceLocation {
    SourceLocation(path, line: number, column: part.startIndex - start + 1)
  }
}

extension ArraySlice<UInt8> {
  /// Without blanks at either end.
  fileprivate var trimmed: ArraySlice<UInt8> {
    let head = drop(while: \.isBlank)
    return head.lastIndex { !$0.isBlank }.map { head[...$0] } ?? head.prefix(0)
  }

  /// What is between the brackets of a line that is a section's header.
  fileprivate var headerName: String? {
    let content = trimmed
    guard content.count >= 2, content.first == UInt8(ascii: "["), content.last == UInt8(ascii: "]")
    else { return nil }
    return String(decoding: content.dropFirst().dropLast().trimmed, as: UTF8.self)
  }

  /// Editors on Windows begin files with one.
  fileprivate var withoutByteOrderMark: ArraySlice<UInt8> {
    starts(with: [0xef, 0xbb, 0xbf]) ? dropFirst(3) : self
  }
}
