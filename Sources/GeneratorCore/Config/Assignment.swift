/// One `KEY=value` of either form, the value as the form's own program would see it.
package struct Assignment: Equatable, Sendable {
  /// As the file has it.
  package let key: String
  package let value: String
  package let keyLocation: SourceLocation
  package let places: ValuePlaces

  package var valueLocation: SourceLocation { places.start }
}

/// Where each byte of a value stands in the file, so that a message about a part can point at it.
///
/// Parts of a value stand there as they are; between them are quotes, backslashes, ends of lines
/// and blanks, which are no part of it.
package struct ValuePlaces: Equatable, Sendable {
  /// A part from the byte `offset` of the value up to the next part.
  private struct Part: Equatable, Sendable {
    let offset: Int
    let line: Int
    let column: Int
  }

  /// The place of the value's first character, or of the quote before it.
  package let start: SourceLocation
  /// Empty for a value that stands as it is at its start, as nearly all do.
  private var parts: [Part] = []

  init(from start: SourceLocation) {
    self.start = start
  }

  private var first: Part { Part(offset: 0, line: start.line, column: start.column) }

  /// Takes note of where the byte `offset`, the value's next one, stands.
  mutating func note(offset: Int, line: Int, column: Int) {
    let last = parts.last ?? first
    guard line != last.line || column - last.column != offset - last.offset else { return }
    parts.append(Part(offset: offset, line: line, column: column))
  }

  /// Where the byte `offset` of the value stands.
  package func location(of offset: Int) -> SourceLocation {
    // The last part that begins there or before; a value can have a part for each of its bytes.
    var low = 0
    var high = parts.count
    while low < high {
      let middle = (low + high) / 2
      if parts[middle].offset <= offset { low = middle + 1 } else { high = middle }
    }
    let part = low > 0 ? parts[low - 1] : first
    return SourceLocation(
      start.path, line: part.line, column: part.column + offset - part.offset)
  }
}
