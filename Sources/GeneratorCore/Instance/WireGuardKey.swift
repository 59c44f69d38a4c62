internal import SystemCalls

/// The 32 bytes of a WireGuard key; prints as `(hidden)`.
package struct WireGuardKey: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  package let bytes: [UInt8]

  package var description: String { "(hidden)" }
  /// Keeps the bytes out of dumps and test failures, too.
  package var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }

  /// Reads a key as `wg genkey` prints it: canonical base64 (RFC 4648) of 32 bytes.
  ///
  /// Refuses what starts "successfully" elsewhere and never connects: the zero key, which the
  /// kernel takes for "no key", and the key of a sample file.
  package init(base64 text: String) throws(ValueFault) {
    let allowed = "the 44 characters that wg genkey or wg pubkey print"
    guard text != samplePlaceholder else {
      throw ValueFault("is the sample's, not a real key", allowed: allowed)
    }
    guard text.utf8.count == 44 else {
      throw ValueFault(
        otherKindOfKey(text) ?? "is not a key: \(text.utf8.count) characters long",
        allowed: allowed)
    }
    guard let bytes = decodeBase64(text), bytes.count == 32 else {
      throw ValueFault(
        otherKindOfKey(text) ?? "is not a key: not base64 of 32 bytes", allowed: allowed)
    }
    guard bytes.contains(where: { $0 != 0 }) else {
      throw ValueFault("is all zero, which means no key", allowed: allowed)
    }
    self.bytes = bytes
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// What belongs to this private key, as `wg pubkey` would print it.
  package var publicKey: WireGuardKey? { curve25519PublicKey(of: bytes).map(Self.init(bytes:)) }
}

/// The key in the original's sample file and in ours: valid base64, so it has to be told by value.
private let samplePlaceholder = "abcdFAKEefghFAKEijklFAKEmnopFAKEqrstFAKEuvw="

/// What people paste where a key belongs, told by its form; nil when it looks like none of these.
private func otherKindOfKey(_ text: String) -> String? {
  let bytes = Array(text.utf8)
  let isHex = bytes.allSatisfy {
    $0.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0 | 0x20)
  }
  if bytes.count == 64 && isHex {
    return "is 64 hexadecimal digits: an access token, as for a provider's website, or a key in"
      + " hexadecimal; it is neither as WireGuard writes it"
  }
  if text.hasPrefix("eyJ") { return "is an access token (JSON Web Token), not a key" }
  let isBase32 = bytes.allSatisfy {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
      || (UInt8(ascii: "2")...UInt8(ascii: "7")).contains($0) || $0 == .equals
  }
  if (52...56).contains(bytes.count) && isBase32 { return "is a key in base32, not in base64" }
  if bytes.count == 43 { return "is a key without its last character, '='" }
  return nil
}

/// Canonical base64 with padding, or nil; unused bits of the last character must be zero.
private func decodeBase64(_ text: String) -> [UInt8]? {
  let characters = text.utf8.span
  guard characters.count % 4 == 0 else { return nil }
  var end = characters.count
  while end > 0, end > characters.count - 2, characters[end - 1] == .equals { end -= 1 }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(end * 3 / 4)
  var bits: UInt32 = 0
  var bitCount: UInt32 = 0
  for index in 0..<end {
    guard let value = base64Value(characters[index]) else { return nil }
    bits = bits << 6 | value
    bitCount += 6
    if bitCount >= 8 {
      bitCount -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
    }
  }
  return bits & (1 << bitCount - 1) == 0 ? bytes : nil
}

private func base64Value(_ character: UInt8) -> UInt32? {
  switch character {
  case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
  case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
  case UInt8(ascii: "+"): 62
  case UInt8(ascii: "/"): 63
  default: nil
  }
}
