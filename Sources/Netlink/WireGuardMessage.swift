internal import CLinux
internal import Glibc
internal import SystemCalls

/// Requests to the generic netlink family `wireguard`; linux/wireguard.h is its manual.
///
/// The socket must be open in the namespace that holds the interface.
package enum WireGuardMessage {
  /// The name to look the family up with, ``GenericFamily/resolve(_:over:)``.
  package static let familyName = WG_GENL_NAME

  /// Bytes a message may have, so that `WGDEVICE_A_PEERS` keeps to the 16 bits of `nla_len`.
  package static let sizeLimit = 32768

  /// Changes an interface, to be sent in order: `wg set` or `wg setconf`.
  ///
  /// It takes several messages when the peers do not fit into one; together they are not atomic.
  /// Throws on request: `ENODEV` without the interface, `EOPNOTSUPP` when it is no WireGuard.
  package static func set(
    _ configuration: WireGuardConfiguration, family: GenericFamily, sizeLimit: Int = sizeLimit
  ) throws(NetlinkError) -> [NetlinkMessage] {
    let interface = configuration.interface
    var messages: [NetlinkMessage] = []
    for batch in WireGuardBatch.split(configuration, sizeLimit: sizeLimit) {
      messages.append(
        try NetlinkMessage(
          "configuring WireGuard \(interface) (WG_CMD_SET_DEVICE)", type: Int(family.id),
          header: header(WG_CMD_SET_DEVICE)
        ) { $0.put(batch, of: configuration) })
    }
    return messages
  }

  /// Asks for an interface with its peers, for ``NetlinkSocket/dump(_:)``: `wg show`.
  ///
  /// Throws on request: `ENODEV` without the interface, `EOPNOTSUPP` when it is no WireGuard.
  package static func get(
    _ interface: WireGuardConfiguration.Interface, family: GenericFamily
  ) throws(NetlinkError) -> NetlinkMessage {
    try NetlinkMessage(
      "reading WireGuard \(interface) (WG_CMD_GET_DEVICE)", type: Int(family.id),
      header: header(WG_CMD_GET_DEVICE)
    ) { $0.put(interface) }
  }

  /// `struct genlmsghdr`: command, version, reserved.
  private static func header(_ command: wg_cmd) -> [UInt8] {
    [UInt8(command.rawValue), UInt8(WG_GENL_VERSION), 0, 0]
  }
}

extension WireGuardConfiguration.Interface: CustomStringConvertible {
  package var description: String {
    switch self {
    case .name(let name): "interface '\(name)'"
    case .index(let index): "interface \(index)"
    }
  }
}

extension AttributeEncoder {
  fileprivate mutating func put(_ batch: WireGuardBatch, of configuration: WireGuardConfiguration) {
    if batch.isFirst { put(device: configuration) } else { put(configuration.interface) }
    guard !batch.peers.isEmpty else { return }
    nest(WGDEVICE_A_PEERS) { peers in
      for peer in batch.peers { peers.put(peer) }
    }
  }

  /// What a first message has ahead of its peers.
  ///
  /// Repeated later, `WGDEVICE_F_REPLACE_PEERS` would take away the peers sent so far.
  mutating func put(device: WireGuardConfiguration) {
    put(device.interface)
    if device.replacePeers { put(WGDEVICE_A_FLAGS, WGDEVICE_F_REPLACE_PEERS.rawValue) }
    if let key = device.privateKey { put(WGDEVICE_A_PRIVATE_KEY, key) }
    if let port = device.listenPort { put(WGDEVICE_A_LISTEN_PORT, port) }
    if let mark = device.fwMark { put(WGDEVICE_A_FWMARK, mark) }
  }

  mutating func put(_ interface: WireGuardConfiguration.Interface) {
    switch interface {
    case .name(let name): put(WGDEVICE_A_IFNAME, name)
    case .index(let index): put(WGDEVICE_A_IFINDEX, index)
    }
  }

  mutating func put(_ part: WireGuardBatch.PeerPart) {
    nest(0) { peer in
      peer.put(WGPEER_A_PUBLIC_KEY, part.peer.publicKey)
      if part.flags != 0 { peer.put(WGPEER_A_FLAGS, part.flags) }
      if part.isFirst {
        if let key = part.peer.presharedKey { peer.put(WGPEER_A_PRESHARED_KEY, key) }
        if let endpoint = part.peer.endpoint { peer.put(WGPEER_A_ENDPOINT, endpoint.sockaddr) }
        if let seconds = part.peer.persistentKeepalive {
          peer.put(WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, seconds)
        }
      }
      guard !part.allowedIPs.isEmpty else { return }
      peer.nest(WGPEER_A_ALLOWEDIPS) { list in
        for prefix in part.allowedIPs { list.put(allowedIP: prefix) }
      }
    }
  }

  mutating func put(allowedIP prefix: IPPrefix) {
    nest(0) { allowed in
      allowed.put(WGALLOWEDIP_A_FAMILY, UInt16(prefix.family.rawValue))
      allowed.put(WGALLOWEDIP_A_IPADDR, prefix.address)
      allowed.put(WGALLOWEDIP_A_CIDR_MASK, UInt8(prefix.length))
    }
  }
}

extension SocketAddress {
  /// `struct sockaddr_in` or `struct sockaddr_in6`; see ip(7) and ipv6(7).
  fileprivate var sockaddr: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(native: UInt16(address.family.rawValue))
    bytes.append(network: port)
    switch address.family {
    case .ipv4: return bytes + address.bytes + [UInt8](repeating: 0, count: 8)
    // sin6_flowinfo before the address, sin6_scope_id after it.
    case .ipv6: return bytes + [0, 0, 0, 0] + address.bytes + [0, 0, 0, 0]
    }
  }
}

extension NetlinkSocket {
  /// Sends what ``WireGuardMessage/set(_:family:sizeLimit:)`` makes of a configuration.
  package func configureWireGuard(
    _ configuration: WireGuardConfiguration, family: GenericFamily
  ) throws(NetlinkError) {
    for message in try WireGuardMessage.set(configuration, family: family) {
      try request(message)
    }
  }

  /// A WireGuard interface with its peers.
  package func wireGuardDevice(
    _ interface: WireGuardConfiguration.Interface, family: GenericFamily
  ) throws(NetlinkError) -> WireGuardDevice {
    let message = try WireGuardMessage.get(interface, family: family)
    return try WireGuardDevice(dump(message), operation: message.operation)
  }
}
