package import SystemCalls

/// 10.127.0.0, of 16 bits.
private let pool: UInt32 = 10 << 24 | 127 << 16

/// Gives tunnels without addresses of their own a /30 of 10.127.0.0/16 each.
///
/// The first choice follows from the instance's name alone; where another instance has it, or names
/// an address in it, the next free one is taken. So the result depends on the set of files only.
package struct TunnelSubnets {
  /// One element a /30.
  private var isTaken = [Bool](repeating: false, count: 1 << 14)

  /// Reserves whatever lies in 10.127.0.0/16 and is named in a file.
  package init(avoiding instances: some Sequence<Instance>) {
    for instance in instances {
      // Providers, too, hand out addresses of this network.
      for prefix in instance.wireGuard.addresses { reserve(prefix) }
      guard let addresses = instance.tunnel?.addresses else { continue }
      for prefix in addresses.host + addresses.namespace { reserve(prefix) }
    }
  }

  private mutating func reserve(_ prefix: IPPrefix) {
    // A network larger than ours would take all of it: only the address itself is kept free.
    let length = prefix.length < 16 ? 30 : min(prefix.length, 30)
    guard let number = IPPrefix(prefix.address, length: length)?.network.address.ipv4Number,
      number >> 16 == pool >> 16
    else { return }
    let first = Int(number - pool) / 4
    for index in first..<first + 1 << (30 - length) { isTaken[index] = true }
  }

  /// The subnet for an instance, which is then taken; nil when none of the 16384 is left.
  package mutating func assign(to name: InstanceName) -> IPPrefix? {
    let start = Int(stableHash(name.text)) % isTaken.count
    for offset in isTaken.indices {
      let index = (start + offset) % isTaken.count
      guard !isTaken[index] else { continue }
      isTaken[index] = true
      return IPPrefix(IPAddress(ipv4: pool + UInt32(index) * 4), length: 30)
    }
    return nil
  }
}

extension TunnelAddresses {
  /// The two hosts of a /30, the host's end first; nil for any other prefix.
  package init?(subnet: IPPrefix) {
    guard let number = subnet.network.address.ipv4Number, subnet.length == 30,
      let host = IPPrefix(IPAddress(ipv4: number + 1), length: 30),
      let namespace = IPPrefix(IPAddress(ipv4: number + 2), length: 30)
    else { return nil }
    self.init(host: [host], namespace: [namespace])
  }
}
