package import SystemCalls

/// What to change on a WireGuard interface; see wg(8), `wg set`, and linux/wireguard.h.
///
/// Neither printing nor dump(_:) shows a key other than public ones.
package struct WireGuardConfiguration: Equatable, CustomReflectable {
  /// The interface, one of `WGDEVICE_A_IFNAME` and `WGDEVICE_A_IFINDEX`.
  package enum Interface: Equatable, Sendable {
    case name(String)
    case index(UInt32)
  }

  package var interface: Interface
  /// 32 bytes; zeros take the key away, nil leaves it.
  package var privateKey: [UInt8]?
  /// Zero lets the kernel choose, nil leaves it.
  package var listenPort: UInt16?
  /// Mark of the encrypted packets; zero for none, nil leaves it.
  package var fwMark: UInt32?
  /// Whether peers that are not in ``peers`` go.
  package var replacePeers: Bool
  package var peers: [Peer]

  package init(
    interface: Interface, privateKey: [UInt8]? = nil, listenPort: UInt16? = nil,
    fwMark: UInt32? = nil, replacePeers: Bool = false, peers: [Peer] = []
  ) {
    self.interface = interface
    self.privateKey = privateKey
    self.listenPort = listenPort
    self.fwMark = fwMark
    self.replacePeers = replacePeers
    self.peers = peers
  }

  package var customMirror: Mirror {
    Mirror(
      self,
      children: [
        "interface": interface, "hasPrivateKey": privateKey != nil,
        "listenPort": listenPort as Any, "fwMark": fwMark as Any, "replacePeers": replacePeers,
        "peers": peers,
      ])
  }
}

extension WireGuardConfiguration {
  /// What to change on a peer; one the interface does not have yet is added.
  package struct Peer: Equatable, CustomReflectable {
    /// 32 bytes; a peer with the interface's own public key is silently ignored by the kernel.
    package var publicKey: [UInt8]
    /// 32 bytes; zeros take the key away, nil leaves it.
    package var presharedKey: [UInt8]?
    /// Nil leaves it.
    package var endpoint: SocketAddress?
    /// Seconds; zero switches it off, nil leaves it.
    package var persistentKeepalive: UInt16?
    /// A prefix another peer has moves to this one.
    package var allowedIPs: [IPPrefix]
    /// Whether allowed IPs that are not in ``allowedIPs`` go.
    package var replaceAllowedIPs: Bool
    /// Whether the peer goes; the other fields are of no account then.
    package var remove: Bool
    /// Whether a peer the interface does not have is left out instead of added.
    package var updateOnly: Bool

    package init(
      publicKey: [UInt8], presharedKey: [UInt8]? = nil, endpoint: SocketAddress? = nil,
      persistentKeepalive: UInt16? = nil, allowedIPs: [IPPrefix] = [],
      replaceAllowedIPs: Bool = false, remove: Bool = false, updateOnly: Bool = false
    ) {
      self.publicKey = publicKey
      self.presharedKey = presharedKey
      self.endpoint = endpoint
      self.persistentKeepalive = persistentKeepalive
      self.allowedIPs = allowedIPs
      self.replaceAllowedIPs = replaceAllowedIPs
      self.remove = remove
      self.updateOnly = updateOnly
    }

    package var customMirror: Mirror {
      Mirror(
        self,
        children: [
          "publicKey": publicKey, "hasPresharedKey": presharedKey != nil,
          "endpoint": endpoint as Any, "persistentKeepalive": persistentKeepalive as Any,
          "allowedIPs": allowedIPs, "replaceAllowedIPs": replaceAllowedIPs, "remove": remove,
          "updateOnly": updateOnly,
        ])
    }
  }
}
