/// Numbers as people read them; and keys as wg(8) prints them.
package enum Quantities {
  /// `812 B`, `1.3 KiB`, as wg(8) has them.
  package static func bytes(_ count: UInt64) -> String {
    guard count >= 1024 else { return "\(count) B" }
    var (tenths, unit) = (count / 1024 * 10 + count % 1024 * 10 / 1024, 0)
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    while tenths >= 10240, unit < units.count - 1 { (tenths, unit) = (tenths / 1024, unit + 1) }
    return "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }

  /// `45s`, `3m 12s`, `2h 5m`, `3d 4h`.
  package static func duration(_ seconds: Int64) -> String {
    let (days, hours) = (seconds / 86400, seconds / 3600 % 24)
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60)
    if days > 0 { return "\(days)d \(hours)h" }
    if hours > 0 { return "\(hours)h \(minutes)m" }
    return minutes > 0 ? "\(minutes)m \(rest)s" : "\(rest)s"
  }

  /// Base64 with padding, RFC 4648.
  package static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array(
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".unicodeScalars)
    var text = String.UnicodeScalarView()
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = (0..<3).reduce(UInt32(0)) { bits, offset in
        bits << 8 | (offset < group.count ? UInt32(group[start + offset]) : 0)
      }
      for place in 0..<4 {
        let isPadding = place > group.count
        text.append(isPadding ? "=" : alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)])
      }
    }
    return String(text)
  }
}
