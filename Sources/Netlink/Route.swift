internal import CLinux
internal import Glibc
package import SystemCalls

/// A route as the kernel describes it (`RTM_NEWROUTE`).
package struct Route: Equatable {
  package let destination: IPPrefix
  /// `RTN_*` of linux/rtnetlink.h.
  package let type: UInt8
  package let outputInterface: UInt32?
  package let gateway: IPAddress?
  /// The address packets leave with (`RTA_PREFSRC`).
  package let source: IPAddress?
  /// Nil when the kernel names none: 0 for IPv4.
  package let metric: UInt32?
  /// `RT_TABLE_MAIN` is 254.
  package let table: UInt32
  /// Who made the route, `RTPROT_*` of linux/rtnetlink.h.
  package let origin: UInt8
  /// Bytes, `RTAX_MTU`; nil when the interface's MTU counts.
  ///
  /// In the answer to a lookup this is also where a path MTU the kernel has learned shows.
  package let mtu: UInt32?

  /// Whether packets are dropped with an ICMP answer (`RTN_UNREACHABLE`).
  package var isUnreachable: Bool { type == RTN_UNREACHABLE }

  /// Nil for a family other than IPv4 and IPv6.
  package init?(_ reply: NetlinkReply) throws(NetlinkError) {
    guard reply.type == RTM_NEWROUTE else { throw reply.unreadable("not an RTM_NEWROUTE") }
    let attributes = try reply.attributes(after: MemoryLayout<rtmsg>.size)
    let header = reply.payload
    guard let family = AddressFamily(kernel: header[0]) else { return nil }
    // A default route has no RTA_DST.
    let address = try attributes.address(RTA_DST, family) ?? .unspecified(family)
    guard let destination = IPPrefix(address, length: Int(header[1])) else {
      throw reply.unreadable("a route with an impossible prefix length")
    }
    self.destination = destination
    table = try attributes.integer(RTA_TABLE) ?? UInt32(header[4])
    origin = header[5]
    type = header[7]
    outputInterface = try attributes.integer(RTA_OIF)
    gateway = try attributes.address(RTA_GATEWAY, family)
    source = try attributes.address(RTA_PREFSRC, family)
    metric = try attributes.integer(RTA_PRIORITY)
    mtu = try attributes.nested(RTA_METRICS)?.integer(RTAX_MTU)
  }
}

extension NetlinkSocket {
  /// The routes of a family in all tables of the socket's namespace.
  package func routes(_ family: AddressFamily) throws(NetlinkError) -> [Route] {
    var routes: [Route] = []
    for reply in try dump(RouteMessage.list(family)) {
      if let route = try Route(reply) { routes.append(route) }
    }
    return routes
  }

  /// The route a packet to `destination` would take.
  ///
  /// Throws `ENETUNREACH` without a route, `EHOSTUNREACH` for an unreachable one.
  package func route(
    to destination: IPAddress, mark: UInt32? = nil
  ) throws(NetlinkError) -> Route {
    let message = try RouteMessage.lookup(destination, mark: mark)
    guard let reply = try get(message), let route = try Route(reply) else {
      throw NetlinkError(message.operation, errno: EBADMSG, "no route in the reply")
    }
    return route
  }
}
