internal import GeneratorCore
internal import Netlink
internal import SystemCalls

/// How large a packet may be to fit into the tunnel to an endpoint.
enum PathMTU {
  /// What WireGuard adds to a packet, in bytes: outer IP header, UDP, and its own 32.
  static func overhead(_ family: AddressFamily) -> UInt32 { family == .ipv4 ? 60 : 80 }

  /// Used when there is no route to the endpoint yet; what wg-quick(8) assumes.
  static let fallback: UInt32 = 1420

  /// The largest MTU inside whose packets need no fragments outside; nil without a route.
  static func inner(
    to endpoint: SocketAddress, mark: UInt32?, over socket: borrowing NetlinkSocket
  ) -> UInt32? {
    inner(to: [endpoint], mark: mark, over: socket)
  }

  /// The least of all that, for several endpoints; nil when none has a route.
  static func inner(
    to endpoints: [SocketAddress], mark: UInt32?, over socket: borrowing NetlinkSocket
  ) -> UInt32? {
    var least: UInt32?
    // Thousands of endpoints are behind few interfaces.
    var linkMTUs: [UInt32: UInt32] = [:]
    for endpoint in endpoints {
      guard let route = try? socket.route(to: endpoint.address, mark: mark),
        let interface = route.outputInterface
      else { continue }
      let linkMTU = linkMTUs[interface] ?? (try? socket.link(index: interface))?.mtu
      linkMTUs[interface] = linkMTU
      guard let outer = [route.mtu, linkMTU].compactMap(\.self).min() else { continue }
      // lo has 65536, more than any packet.
      let path = min(outer, 65535) - min(outer, overhead(endpoint.address.family))
      least = min(least ?? path, path)
    }
    return least
  }

  /// The MTU for an interface whose file names none.
  ///
  /// WireGuard pads to 16 bytes, so other sizes waste some; IPv6 needs 1280 (RFC 8200).
  static func automatic(inner: UInt32?, hasIPv6: Bool) -> UInt32 {
    guard let inner else { return fallback }
    return max(min(inner, 65535) / 16 * 16, hasIPv6 ? 1280 : 576)
  }
}
