internal import GeneratorCore

/// Where lines begin, to turn a location back into the bytes that it means.
struct TextPositions {
  private let bytes: [UInt8]
  /// Each line without its newline.
  private var lines: [Range<Int>] = []
  /// Bytes before the first column of the first line.
  private let markLength: Int

  /// An editor does not count a byte order mark; `skippingMark` says whether the parser does.
  init(_ bytes: [UInt8], skippingMark: Bool) {
    self.bytes = bytes
    markLength = skippingMark && bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    var start = markLength
    for index in bytes.indices.dropFirst(markLength) where bytes[index] == UInt8(ascii: "\n") {
      lines.append(start..<index)
      start = index + 1
    }
    lines.append(start..<bytes.count)
  }

  /// The offset that a location means, at most one behind its line; nil outside the file.
  func offset(_ location: SourceLocation) -> Int? {
    guard lines.indices.contains(location.line - 1) else { return nil }
    let line = lines[location.line - 1]
    guard (1...line.count + 1).contains(location.column) else { return nil }
    return line.lowerBound + location.column - 1
  }

  func holds(_ text: String, at location: SourceLocation) -> Bool {
    offset(location).map { bytes[$0...].starts(with: text.utf8) } ?? false
  }

  /// Whether every byte of the value stands where the assignment says, and after the one before.
  func holdsEach(of assignment: Assignment) -> Bool {
    var last = -1
    for (index, byte) in assignment.value.utf8.enumerated() {
      guard let place = offset(assignment.places.location(of: index)), place > last,
        place < bytes.count, bytes[place] == byte
      else { return false }
      last = place
    }
    return true
  }

  /// Whether an equals sign stands right before the location.
  func followsEquals(_ location: SourceLocation) -> Bool {
    offset(location).map { $0 > 0 && bytes[$0 - 1] == UInt8(ascii: "=") } ?? false
  }

  /// Whether a diagnostic's place is in the file, or is the whole file.
  func isInside(_ location: SourceLocation) -> Bool {
    location.line == 0 || offset(location) != nil
  }
}
