/// A line of a file that a stage wrote for another one, or for the generator: a word and its values,
/// between blanks.
///
/// Byte by byte: each stage reads the record of another one first of all, and to split a `String` at
/// its characters took a third of what it takes to bring a tunnel down.
package struct RecordLine {
  package let words: [String]
  private let bytes: ArraySlice<UInt8>

  private init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    words = pieces(of: bytes, between: UInt8(ascii: " ")).map(text)
  }

  /// Those of `file` that are not empty.
  package static func lines(of file: [UInt8]) -> [RecordLine] {
    pieces(of: file[...], between: .newline).map { RecordLine($0) }
  }

  /// What follows the first two words, blanks and all.
  package var tail: String {
    var left = bytes
    for _ in 0..<2 {
      left = left.drop { $0 == UInt8(ascii: " ") }.drop { $0 != UInt8(ascii: " ") }
    }
    return text(left.dropFirst())
  }
}

/// What of `bytes` is between separators, and not empty.
private func pieces(
  of bytes: ArraySlice<UInt8>, between separator: UInt8
) -> [ArraySlice<UInt8>] {
  var pieces: [ArraySlice<UInt8>] = []
  var start = bytes.startIndex
  for position in bytes.indices where bytes[position] == separator {
    if start < position { pieces.append(bytes[start..<position]) }
    start = position + 1
  }
  if start < bytes.endIndex { pieces.append(bytes[start...]) }
  return pieces
}

private func text(_ bytes: ArraySlice<UInt8>) -> String {
  String(decoding: bytes, as: UTF8.self)
}
