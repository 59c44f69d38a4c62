internal import CLinux
internal import Glibc
package import SystemCalls

/// A WireGuard interface as the kernel describes it (`WG_CMD_GET_DEVICE`); see wg(8), `wg show`.
///
/// The private key is in the kernel's answer, but is never read. Preshared keys are, for nothing
/// else tells whether one has changed; no description shows them.
package struct WireGuardDevice: Equatable {
  package let index: UInt32
  package let name: String
  /// 32 bytes; nil without a private key.
  package let publicKey: [UInt8]?
  package let listenPort: UInt16
  /// Zero for none.
  package let fwMark: UInt32
  package let peers: [Peer]

  package struct Peer: Equatable, CustomReflectable {
    /// 32 bytes.
    package let publicKey: [UInt8]
    /// 32 bytes; nil without one.
    package let presharedKey: [UInt8]?
    package let endpoint: SocketAddress?
    /// Seconds; zero when off.
    package let persistentKeepalive: UInt16
    /// Seconds since 1970; nil before the first one.
    package let lastHandshake: Int64?
    package let receivedBytes: UInt64
    package let transmittedBytes: UInt64
    package fileprivate(set) var allowedIPs: [IPPrefix]

    package var hasPresharedKey: Bool { presharedKey != nil }

    package init(
      publicKey: [UInt8], presharedKey: [UInt8]? = nil, endpoint: SocketAddress? = nil,
      persistentKeepalive: UInt16 = 0, lastHandshake: Int64? = nil, receivedBytes: UInt64 = 0,
      transmittedBytes: UInt64 = 0, allowedIPs: [IPPrefix] = []
    ) {
      self.publicKey = publicKey
      self.presharedKey = presharedKey
      self.endpoint = endpoint
      self.persistentKeepalive = persistentKeepalive
      self.lastHandshake = lastHandshake
      self.receivedBytes = receivedBytes
      self.transmittedBytes = transmittedBytes
      self.allowedIPs = allowedIPs
    }

    package var customMirror: Mirror {
      Mirror(
        self,
        children: [
          "publicKey": publicKey, "hasPresharedKey": hasPresharedKey,
          "endpoint": endpoint as Any, "persistentKeepalive": persistentKeepalive,
          "lastHandshake": lastHandshake as Any, "receivedBytes": receivedBytes,
          "transmittedBytes": transmittedBytes, "allowedIPs": allowedIPs,
        ])
    }
  }

  /// To find one among thousands.
  package var peersByKey: [[UInt8]: Peer] { peers.byKey }

  /// As another source than the kernel describes it.
  package init(
    index: UInt32, name: String, publicKey: [UInt8]?, listenPort: UInt16, fwMark: UInt32,
    peers: [Peer]
  ) {
    self.index = index
    self.name = name
    self.publicKey = publicKey
    self.listenPort = listenPort
    self.fwMark = fwMark
    self.peers = peers
  }

  /// Joins the messages of one dump; `ENODEV` when there are none.
  package init(_ replies: [NetlinkReply], operation: String) throws(NetlinkError) {
    guard let first = replies.first else { throw NetlinkError(operation, errno: ENODEV) }
    let device = try first.attributes(after: MemoryLayout<genlmsghdr>.size)
    guard let index: UInt32 = try device.integer(WGDEVICE_A_IFINDEX),
      let name = device.string(WGDEVICE_A_IFNAME)
    else { throw first.unreadable("a WireGuard interface without a name or an index") }
    self.index = index
    self.name = name
    publicKey = try device.key(WGDEVICE_A_PUBLIC_KEY)
    listenPort = try device.integer(WGDEVICE_A_LISTEN_PORT) ?? 0
    fwMark = try device.integer(WGDEVICE_A_FWMARK) ?? 0
    var peers: [Peer] = []
    for reply in replies {
      let attributes = try reply.attributes(after: MemoryLayout<genlmsghdr>.size)
      for element in try attributes.array(WGDEVICE_A_PEERS) {
        let peer = try Peer(element)
        // A peer whose allowed IPs do not fit goes on in the next message, without the rest.
        if let last = peers.indices.last, peers[last].publicKey == peer.publicKey {
          peers[last].allowedIPs += peer.allowedIPs
        } else {
          peers.append(peer)
        }
      }
    }
    self.peers = peers
  }
}

extension WireGuardDevice.Peer {
  init(_ attributes: AttributeList) throws(NetlinkError) {
    guard let key = try attributes.key(WGPEER_A_PUBLIC_KEY) else {
      throw attributes.unreadable(WGPEER_A_PUBLIC_KEY)
    }
    publicKey = key
    // The kernel sends zeros for none.
    let secret = try attributes.key(WGPEER_A_PRESHARED_KEY)
    presharedKey = secret.flatMap { $0.contains { $0 != 0 } ? $0 : nil }
    endpoint = try attributes.endpoint()
    persistentKeepalive = try attributes.integer(WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL) ?? 0
    // struct __kernel_timespec: seconds, nanoseconds.
    let time = attributes.bytes(WGPEER_A_LAST_HANDSHAKE_TIME)
    lastHandshake = time?.native(Int64.self, at: 0).flatMap { $0 == 0 ? nil : $0 }
    receivedBytes = try attributes.integer(WGPEER_A_RX_BYTES) ?? 0
    transmittedBytes = try attributes.integer(WGPEER_A_TX_BYTES) ?? 0
    allowedIPs = try attributes.array(WGPEER_A_ALLOWEDIPS).map {
      (element) throws(NetlinkError) in try element.allowedIP()
    }
  }
}

extension [WireGuardDevice.Peer] {
  /// By public keys; no interface has two peers with one.
  package var byKey: [[UInt8]: WireGuardDevice.Peer] {
    Dictionary(map { ($0.publicKey, $0) }) { $1 }
  }
}

extension AttributeList {
  fileprivate func key(_ type: some AttributeNumber) throws(NetlinkError) -> [UInt8]? {
    guard let bytes = bytes(type) else { return nil }
    guard bytes.count == Int(WG_KEY_LEN) else { throw unreadable(type) }
    return Array(bytes)
  }

  /// `struct sockaddr_in` or `struct sockaddr_in6`; see ip(7) and ipv6(7).
  fileprivate func endpoint() throws(NetlinkError) -> SocketAddress? {
    guard let bytes = bytes(WGPEER_A_ENDPOINT) else { return nil }
    guard let number = bytes.native(UInt16.self, at: 0),
      let port = bytes.network(UInt16.self, at: 2),
      let family = AddressFamily(kernel: UInt8(truncatingIfNeeded: number)),
      // sin6_flowinfo is between port and address.
      let address = IPAddress(
        bytes: Array(bytes.dropFirst(family == .ipv4 ? 4 : 8).prefix(family.bits / 8))),
      address.family == family
    else { throw unreadable(WGPEER_A_ENDPOINT) }
    return SocketAddress(address, port: port)
  }

  fileprivate func allowedIP() throws(NetlinkError) -> IPPrefix {
    guard let number: UInt16 = try integer(WGALLOWEDIP_A_FAMILY),
      let family = AddressFamily(kernel: UInt8(truncatingIfNeeded: number)),
      let address = try address(WGALLOWEDIP_A_IPADDR, family),
      let length: UInt8 = try integer(WGALLOWEDIP_A_CIDR_MASK),
      let prefix = IPPrefix(address, length: Int(length))
    else { throw unreadable(WGALLOWEDIP_A_CIDR_MASK) }
    return prefix
  }
}
