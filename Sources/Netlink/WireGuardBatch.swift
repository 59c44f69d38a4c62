internal import CLinux
internal import SystemCalls

/// The peers of a configuration that travel in one message.
struct WireGuardBatch {
  /// A peer, or as many of its allowed IPs as fit.
  struct PeerPart {
    let peer: WireGuardConfiguration.Peer
    let isFirst: Bool
    var allowedIPs: ArraySlice<IPPrefix> = []

    /// `WGPEER_F_*`.
    var flags: UInt32 {
      if peer.remove { return WGPEER_F_REMOVE_ME.rawValue }
      // Repeated, the first would take away what earlier parts brought. Not repeated, the second
      // would let a later part add the peer that the first one left out.
      return (isFirst && peer.replaceAllowedIPs ? WGPEER_F_REPLACE_ALLOWEDIPS.rawValue : 0)
        | (peer.updateOnly ? WGPEER_F_UPDATE_ONLY.rawValue : 0)
    }
  }

  let isFirst: Bool
  private(set) var peers: [PeerPart] = []
  /// Bytes left in the message.
  private var room: Int

  /// All messages for a configuration, at least one.
  static func split(_ configuration: WireGuardConfiguration, sizeLimit: Int) -> [WireGuardBatch] {
    var full: [WireGuardBatch] = []
    var batch = WireGuardBatch(isFirst: true, sizeLimit) { $0.put(device: configuration) }
    for peer in configuration.peers {
      var isFirst = true
      var rest = peer.remove ? [] : peer.allowedIPs[...]
      while isFirst || !rest.isEmpty {
        if batch.take(peer, isFirst: isFirst, &rest) {
          isFirst = false
        } else {
          full.append(batch)
          batch = WireGuardBatch(isFirst: false, sizeLimit) { $0.put(configuration.interface) }
        }
      }
    }
    return full + [batch]
  }

  private init(isFirst: Bool, _ sizeLimit: Int, _ device: (inout AttributeEncoder) -> Void) {
    self.isFirst = isFirst
    // nlmsghdr, genlmsghdr and the header of WGDEVICE_A_PEERS; see netlink(7).
    let headers = MemoryLayout<nlmsghdr>.size + MemoryLayout<genlmsghdr>.size
    room = sizeLimit - headers - MemoryLayout<nlattr>.size - Self.size(device)
  }

  /// Takes the peer and as many allowed IPs off `rest` as fit; false when nothing does.
  ///
  /// An empty message takes one at any size: the kernel's refusal says more than an endless loop.
  private mutating func take(
    _ peer: WireGuardConfiguration.Peer, isFirst: Bool, _ rest: inout ArraySlice<IPPrefix>
  ) -> Bool {
    var part = PeerPart(peer: peer, isFirst: isFirst)
    var size = Self.size { $0.put(part) }
    if !rest.isEmpty { size += MemoryLayout<nlattr>.size }
    var count = 0
    for prefix in rest {
      let larger = size + Self.size { $0.put(allowedIP: prefix) }
      guard larger <= room || (peers.isEmpty && count == 0) else { break }
      size = larger
      count += 1
    }
    guard peers.isEmpty || (size <= room && (count > 0 || rest.isEmpty)) else { return false }
    part.allowedIPs = rest.prefix(count)
    rest = rest.dropFirst(count)
    peers.append(part)
    room -= size
    return true
  }

  private static func size(_ encode: (inout AttributeEncoder) -> Void) -> Int {
    var encoder = AttributeEncoder()
    encode(&encoder)
    return encoder.bytes.count
  }
}
