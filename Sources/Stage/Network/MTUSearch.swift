/// Finds the largest packet that passes; pure.
enum MTUSearch {
  /// Below that no IPv4 network goes, RFC 791.
  static let smallest: UInt32 = 576

  /// The sizes worth trying up to `mtu`, in bytes: WireGuard pads to 16, so those between take as
  /// much as the next one does.
  static func sizes(upTo mtu: UInt32) -> [UInt32] {
    let multiples = stride(from: smallest, through: mtu, by: 16)
    return Array(multiples) + (mtu % 16 == 0 || mtu < smallest ? [] : [mtu])
  }

  /// The largest of the ascending `sizes` that `passes`, taking it that less passes, too.
  static func largest<Failure: Error>(
    of sizes: [UInt32], passes: (UInt32) throws(Failure) -> Bool
  ) throws(Failure) -> UInt32? {
    // Most often all is well.
    guard let last = sizes.last else { return nil }
    if try passes(last) { return last }
    var low = 0
    var high = sizes.count - 1
    while low < high {
      let middle = (low + high) / 2
      if try passes(sizes[middle]) { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : sizes[low - 1]
  }
}
