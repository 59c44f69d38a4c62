package import SystemCalls

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
    guard let network = IPPrefix(prefix.address, length: length)?.network,
      network.family == .ipv4, network.address.bytes.starts(with: [10, 127])
    else { return }
    let first = slot(network.address.bytes)
    let count = 1 << (30 - length)
    for index in first..<first + count { isTaken[index] = true }
  }

  private func slot(_ bytes: [UInt8]) -> Int { Int(bytes[2]) << 6 | Int(bytes[3]) >> 2 }

  /// The subnet for an instance, which is then taken; nil when none of the 16384 is left.
  package mutating func assign(to name: InstanceName) -> IPPrefix? {
    let start = Int(stableHash(name.text)) % isTaken.count
    for offset in isTaken.indices {
      let index = (start + offset) % isTaken.count
      guard !isTaken[index] else { continue }
      isTaken[index] = true
      return IPAddress(bytes: [10, 127, UInt8(index >> 6), UInt8(index & 63) << 2])
        .flatMap { IPPrefix($0, length: 30) }
    }
    return nil
  }
}

extension TunnelAddresses {
  /// The two hosts of a /30, the host's end first; nil for any other prefix.
  package init?(subnet: IPPrefix) {
    let bytes = subnet.network.address.bytes
    guard subnet.family == .ipv4, subnet.length == 30,
      let host = IPAddress(bytes: bytes.dropLast() + [bytes[3] + 1]),
      let namespace = IPAddress(bytes: bytes.dropLast() + [bytes[3] + 2]),
      let hostPrefix = IPPrefix(host, length: 30), let prefix = IPPrefix(namespace, length: 30)
    else { return nil }
    self.init(host: [hostPrefix], namespace: [prefix])
  }
}
