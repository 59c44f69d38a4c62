/// A line of an environment file in which every byte is only itself, as nearly all are: no quote, no
/// backslash, no carriage return, no '#' in a value, no blank where one would be dropped.
///
/// The state machine of `EnvironmentScanner` takes ten times as long for these lines.
enum PlainLine {
  case empty
  case comment
  /// The indices of the key's and the value's bytes.
  case assignment(key: Range<Int>, value: Range<Int>)

  /// The line that begins at `start`, and the index of its newline or of the end of `bytes`; nil for
  /// a line that is not plain.
  static func read(_ bytes: Span<UInt8>, from start: Int) -> (line: PlainLine, end: Int)? {
    guard start < bytes.count else { return nil }
    switch bytes[start] {
    case .newline: return (.empty, start)
    case .hash, .semicolon:
      guard let end = endOfComment(bytes, from: start) else { return nil }
      return (.comment, end)
    default:
      guard let equals = endOfKey(bytes, from: start),
        let end = endOfValue(bytes, from: equals + 1)
      else { return nil }
      return (.assignment(key: start..<equals, value: equals + 1..<end), end)
    }
  }

  private static func endOfComment(_ bytes: Span<UInt8>, from start: Int) -> Int? {
    for index in start..<bytes.count {
      switch bytes[index] {
      case .newline: return index
      case 0, UInt8(ascii: "\r"): return nil
      default: continue
      }
    }
    return bytes.count
  }

  /// The index of the '='.
  private static func endOfKey(_ bytes: Span<UInt8>, from start: Int) -> Int? {
    for index in start..<bytes.count {
      switch bytes[index] {
      case .equals: return index > start ? index : nil
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "_"):
        continue
      case UInt8(ascii: "0")...UInt8(ascii: "9") where index > start: continue
      default: return nil
      }
    }
    return nil
  }

  private static func endOfValue(_ bytes: Span<UInt8>, from start: Int) -> Int? {
    var end = start
    while end < bytes.count, bytes[end] != .newline {
      switch bytes[end] {
      case .hash, .backslash, .singleQuote, .doubleQuote: return nil
      // Blanks at either end are dropped, and what is not ASCII may be no UTF-8.
      case UInt8(ascii: " ") where end > start: break
      case 0x21...0x7e: break
      default: return nil
      }
      end += 1
    }
    return end > start && bytes[end - 1] == UInt8(ascii: " ") ? nil : end
  }
}
