import SystemCalls
import Testing

@Suite struct Curve25519Tests {
  private static func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.utf8.map { $0 < UInt8(ascii: "a") ? $0 & 15 : $0 - 87 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  private static let alice = bytes(
    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")

  /// Of RFC 7748, section 6.1, and what `wg pubkey` makes of bits that do not count.
  @Test(arguments: [
    (alice, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"),
    (
      bytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"),
      "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
    ),
    (
      [UInt8](repeating: 0xff, count: 32),
      "847c0d2c375234f365e660955187a3735a0f7613d1609d3a6a4d8c53aeaa5a22"
    ),
    (
      [1] + [UInt8](repeating: 0, count: 31),
      "2fe57da347cd62431528daac5fbb290730fff684afc4cfc2ed90995f58cb3b74"
    ),
  ])
  func publicKey(privateKey: [UInt8], expected: String) {
    #expect(curve25519PublicKey(of: privateKey) == Self.bytes(expected))
  }

  @Test(arguments: [0, 31, 33, 64]) func otherLengths(count: Int) {
    #expect(curve25519PublicKey(of: [UInt8](repeating: 1, count: count)) == nil)
  }
}
