import Glibc

/// Finds WireGuard keys, whole or nearly so, in what the program writes.
///
/// A piece of 40 of a key's 44 characters counts, and so do its bytes in hexadecimal, or in decimal
/// as `dump` prints an array.
struct KeyDetector {
  private let needles: Set<String>
  private static let length = 40

  init(_ keys: [String]) {
    var needles: Set<String> = []
    for key in keys.map({ Array($0.utf8) }) where key.count >= Self.length {
      for start in 0...(key.count - Self.length) {
        needles.insert(String(decoding: key[start..<start + Self.length], as: UTF8.self))
      }
    }
    self.needles = needles
  }

  /// The keys that a text has: everything in it that looks like 32 bytes in base64.
  init(keysIn text: String) {
    self.init(text.matches(of: /[A-Za-z0-9+\/]{43}=/).map { String($0.0) })
  }

  var isEmpty: Bool { needles.isEmpty }

  func finds(in text: String) -> Bool {
    // strstr(3) ends at a NUL.
    let text = text.utf8.contains(0) ? text.replacing("\0", with: " ") : text
    return needles.contains { unsafe strstr(text, $0) != nil }
  }

  /// Whether the bytes of a key are in `text` as numbers.
  static func findsNumbers(of key: [UInt8], in text: String) -> Bool {
    let hexadecimal = key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let decimal = key.map(String.init)
    let words = text.split { !$0.isASCII || !$0.isNumber }.map(String.init)
    return text.lowercased().contains(hexadecimal) || words.contains(decimal)
  }
}
