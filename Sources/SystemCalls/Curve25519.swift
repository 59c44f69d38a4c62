internal import CSodium

/// The public key of a private key on Curve25519 (RFC 7748), as `wg pubkey` makes it.
///
/// Nil unless `privateKey` has 32 bytes; it need not be clamped. No copy of it stays in memory.
package func curve25519PublicKey(of privateKey: [UInt8]) -> [UInt8]? {
  guard privateKey.count == crypto_scalarmult_curve25519_SCALARBYTES else { return nil }
  var publicKey = [UInt8](repeating: 0, count: Int(crypto_scalarmult_curve25519_BYTES))
  // It keeps no state, so sodium_init() is not needed, which would open /dev/urandom.
  let status = unsafe crypto_scalarmult_curve25519_base(&publicKey, privateKey)
  // The key was on the stack: as digits in libsodium, and in registers that the dynamic linker
  // saved at the first call, some two KiB down.
  sodium_stackzero(4096)
  return status == 0 ? publicKey : nil
}
