import CLinux
import Netlink
import SystemCalls
import Testing

/// What a WireGuard interface holds after some messages, by the rules of linux/wireguard.h.
struct WireGuardModel: Equatable {
  struct Peer: Equatable {
    var presharedKey: [UInt8]?
    var endpoint: [UInt8]?
    var persistentKeepalive: UInt16?
    var allowedIPs: [IPPrefix] = []
  }

  var interface: WireGuardConfiguration.Interface?
  var privateKey: [UInt8]?
  var listenPort: UInt16?
  var fwMark: UInt32?
  var peers: [[UInt8]: Peer] = [:]

  mutating func apply(_ message: NetlinkMessage) throws {
    let device = try attributes(of: message)
    if let index: UInt32 = try device.integer(WGDEVICE_A_IFINDEX) { interface = .index(index) }
    if let name = device.string(WGDEVICE_A_IFNAME) { interface = .name(name) }
    let flags: UInt32 = try device.integer(WGDEVICE_A_FLAGS) ?? 0
    if flags & WGDEVICE_F_REPLACE_PEERS.rawValue != 0 { peers = [:] }
    if let key = device.bytes(WGDEVICE_A_PRIVATE_KEY) { privateKey = Array(key) }
    listenPort = try device.integer(WGDEVICE_A_LISTEN_PORT) ?? listenPort
    fwMark = try device.integer(WGDEVICE_A_FWMARK) ?? fwMark
    for peer in try device.array(WGDEVICE_A_PEERS) { try apply(peer: peer) }
  }

  private mutating func apply(peer attributes: AttributeList) throws {
    let key = Array(try #require(attributes.bytes(WGPEER_A_PUBLIC_KEY)))
    let flags: UInt32 = try attributes.integer(WGPEER_A_FLAGS) ?? 0
    guard flags & WGPEER_F_REMOVE_ME.rawValue == 0 else {
      peers[key] = nil
      return
    }
    if peers[key] == nil, flags & WGPEER_F_UPDATE_ONLY.rawValue != 0 { return }
    // Taken out while it changes: an array in two places would be copied.
    var peer = peers.removeValue(forKey: key) ?? Peer()
    if flags & WGPEER_F_REPLACE_ALLOWEDIPS.rawValue != 0 { peer.allowedIPs = [] }
    if let key = attributes.bytes(WGPEER_A_PRESHARED_KEY) { peer.presharedKey = Array(key) }
    if let endpoint = attributes.bytes(WGPEER_A_ENDPOINT) { peer.endpoint = Array(endpoint) }
    peer.persistentKeepalive =
      try attributes.integer(WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL) ?? peer.persistentKeepalive
    for element in try attributes.array(WGPEER_A_ALLOWEDIPS) {
      let number: UInt16? = try element.integer(WGALLOWEDIP_A_FAMILY)
      let length: UInt8 = try #require(try element.integer(WGALLOWEDIP_A_CIDR_MASK))
      let family: AddressFamily = number == 2 ? .ipv4 : .ipv6
      let address = try #require(try element.address(WGALLOWEDIP_A_IPADDR, family))
      peer.allowedIPs.append(try #require(IPPrefix(address, length: Int(length))))
    }
    peers[key] = peer
  }
}

/// `count` different prefixes, IPv4 and IPv6 in turn.
func manyPrefixes(_ count: Int) throws -> [IPPrefix] {
  try (0..<count).map { number in
    let low = [UInt8(number >> 16 & 0xff), UInt8(number >> 8 & 0xff), UInt8(number & 0xff)]
    let isIPv4 = number.isMultiple(of: 2)
    let bytes = isIPv4 ? [10] + low : [0xfd] + [UInt8](repeating: 0, count: 12) + low
    return try #require(
      IPAddress(bytes: bytes).flatMap { IPPrefix($0, length: isIPv4 ? 32 : 128) })
  }
}

/// `count` peers, each with its own key, endpoint, and two allowed IPs.
func manyPeers(_ count: Int) throws -> [WireGuardConfiguration.Peer] {
  let prefixes = try manyPrefixes(2 * count)
  return try (0..<count).map { number in
    let low = [UInt8(number >> 8 & 0xff), UInt8(number & 0xff)]
    let endpoint = try address("192.0.2.\(number % 256)")
    return WireGuardConfiguration.Peer(
      publicKey: low + [UInt8](repeating: 1, count: 30),
      presharedKey: number.isMultiple(of: 3) ? key(9) : nil,
      endpoint: SocketAddress(endpoint, port: UInt16(1 + number)),
      persistentKeepalive: number.isMultiple(of: 2) ? 25 : nil,
      allowedIPs: Array(prefixes[2 * number...2 * number + 1]), replaceAllowedIPs: true)
  }
}
