internal import GeneratorCore
internal import Netlink
internal import SystemCalls

extension WireGuardDevice {
  /// Reads the answer to `get`, see wireguard.com/xplatform; what it does not know it skips.
  init(name: String, answer: [Substring]) {
    var publicKey: [UInt8]?
    var listenPort: UInt16 = 0
    var fwMark: UInt32 = 0
    var peers: [PeerLines] = []
    for line in answer {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      let value = parts[1]
      switch parts[0] {
      case "private_key": publicKey = [UInt8](hexadecimal: value).flatMap(curve25519PublicKey)
      case "listen_port": listenPort = UInt16(value) ?? 0
      case "fwmark": fwMark = UInt32(value) ?? 0
      case "public_key": peers.append(PeerLines(publicKey: [UInt8](hexadecimal: value) ?? []))
      default:
        // Everything about a peer follows its key.
        if let last = peers.indices.last { peers[last].take(parts[0], value) }
      }
    }
    self.init(
      index: 0, name: name, publicKey: publicKey, listenPort: listenPort, fwMark: fwMark,
      peers: peers.map(\.peer))
  }
}

/// What is said of a peer, line by line.
private struct PeerLines {
  let publicKey: [UInt8]
  private var presharedKey: [UInt8]?
  private var endpoint: SocketAddress?
  private var persistentKeepalive: UInt16 = 0
  private var lastHandshake: Int64?
  private var receivedBytes: UInt64 = 0
  private var transmittedBytes: UInt64 = 0
  private var allowedIPs: [IPPrefix] = []

  init(publicKey: [UInt8]) { self.publicKey = publicKey }

  var peer: WireGuardDevice.Peer {
    .init(
      publicKey: publicKey, presharedKey: presharedKey, endpoint: endpoint,
      persistentKeepalive: persistentKeepalive, lastHandshake: lastHandshake,
      receivedBytes: receivedBytes, transmittedBytes: transmittedBytes, allowedIPs: allowedIPs)
  }

  mutating func take(_ key: Substring, _ value: Substring) {
    switch key {
    case "preshared_key":
      // Zeros mean none, as in the kernel.
      let bytes = [UInt8](hexadecimal: value) ?? []
      presharedKey = bytes.contains { $0 != 0 } ? bytes : nil
    case "endpoint": endpoint = SocketAddress(parsing: String(value))
    case "persistent_keepalive_interval": persistentKeepalive = UInt16(value) ?? 0
    // Zero before the first one.
    case "last_handshake_time_sec": lastHandshake = Int64(value).flatMap { $0 == 0 ? nil : $0 }
    case "rx_bytes": receivedBytes = UInt64(value) ?? 0
    case "tx_bytes": transmittedBytes = UInt64(value) ?? 0
    case "allowed_ip":
      let parts = value.split(separator: "/")
      if parts.count == 2, let address = IPAddress(parts[0]), let length = Int(parts[1]),
        let prefix = IPPrefix(address, length: length)
      {
        allowedIPs.append(prefix)
      }
    default: break
    }
  }
}
