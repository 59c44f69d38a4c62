internal import CLinux
package import SystemCalls

/// Requests about routes; see rtnetlink(7), `RTM_NEWROUTE` and its relatives.
///
/// Without a metric the kernel's default counts (0 for IPv4, 1024 for IPv6), without a table
/// `main`. Host bits of a destination are cleared: the kernel would refuse it.
package enum RouteMessage {
  /// What the kernel does with a packet for the destination.
  package enum Kind: Equatable, Sendable {
    /// Sends it out by an interface, without a gateway: `dev INTERFACE`.
    case unicast(outputInterface: UInt32)
    /// Drops it and answers with ICMP host unreachable; see ip-route(8), `unreachable`.
    case unreachable
  }

  /// Adds a route: `ip route add`.
  ///
  /// Throws on request: `EEXIST` when there is one with this destination and metric.
  package static func add(
    destination: IPPrefix, kind: Kind, metric: UInt32? = nil, table: UInt32? = nil
  ) throws(NetlinkError) -> NetlinkMessage {
    try new("adding", [.create, .exclusive], destination.network, kind, metric, table)
  }

  /// Adds a route, in place of one with this destination and metric: `ip route replace`.
  package static func replace(
    destination: IPPrefix, kind: Kind, metric: UInt32? = nil, table: UInt32? = nil
  ) throws(NetlinkError) -> NetlinkMessage {
    try new("replacing", [.create, .replace], destination.network, kind, metric, table)
  }

  /// Removes a route: `ip route delete`.
  ///
  /// Without a metric the first of the destination goes. Throws on request: `ESRCH` when there is
  /// none.
  package static func delete(
    destination: IPPrefix, kind: Kind, metric: UInt32? = nil, table: UInt32? = nil
  ) throws(NetlinkError) -> NetlinkMessage {
    let prefix = destination.network
    // RT_SCOPE_NOWHERE and protocol 0 match any; see ip-route(8).
    let header = header(
      prefix, table: table, scope: UInt8(RT_SCOPE_NOWHERE.rawValue), type: kind.type)
    return try NetlinkMessage(
      "deleting route to \(prefix) (RTM_DELROUTE)", type: RTM_DELROUTE, header: header
    ) { $0.put(prefix, kind, metric, table) }
  }

  /// Asks for the routes of a family in all tables, for ``NetlinkSocket/dump(_:)``.
  package static func list(_ family: AddressFamily) -> NetlinkMessage {
    var header = [UInt8](repeating: 0, count: MemoryLayout<rtmsg>.size)
    header[0] = family.rawValue
    return NetlinkMessage(
      "listing \(family.name) routes (RTM_GETROUTE)", type: RTM_GETROUTE, header: header)
  }

  /// Asks which route a packet would take: `ip route get ADDRESS mark MARK`.
  ///
  /// Throws on request: `ENETUNREACH` without a route, `EHOSTUNREACH` for an unreachable one.
  package static func lookup(
    _ destination: IPAddress, mark: UInt32? = nil
  ) throws(NetlinkError) -> NetlinkMessage {
    var header: [UInt8] = [
      destination.family.rawValue, UInt8(destination.family.bits), 0, 0, 0, 0, 0, 0,
    ]
    // So that the answer names the table the routing rules led to. IPv6 always does, and with
    // NETLINK_GET_STRICT_CHK refuses the flag.
    header.append(native: destination.family == .ipv4 ? UInt32(RTM_F_LOOKUP_TABLE) : 0)
    return try NetlinkMessage(
      "looking up the route to \(destination) (RTM_GETROUTE)", type: RTM_GETROUTE, header: header
    ) { route in
      route.put(RTA_DST, destination)
      if let mark { route.put(RTA_MARK, mark) }
    }
  }

  private static func new(
    _ verb: String, _ flags: NetlinkFlags, _ prefix: IPPrefix, _ kind: Kind, _ metric: UInt32?,
    _ table: UInt32?
  ) throws(NetlinkError) -> NetlinkMessage {
    // A route without a gateway reaches only what is on the link; IPv6 knows no scopes.
    let scope = kind == .unreachable ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK
    let header = header(
      prefix, table: table, scope: UInt8(scope.rawValue), origin: UInt8(RTPROT_STATIC),
      type: kind.type)
    return try NetlinkMessage(
      "\(verb) route to \(prefix) (RTM_NEWROUTE)", type: RTM_NEWROUTE, flags: flags,
      header: header
    ) { $0.put(prefix, kind, metric, table) }
  }

  /// `struct rtmsg`; see rtnetlink(7).
  private static func header(
    _ prefix: IPPrefix, table: UInt32?, scope: UInt8, origin: UInt8 = 0, type: UInt8
  ) -> [UInt8] {
    // rtm_table has 8 bits; a larger number is RT_TABLE_UNSPEC here and RTA_TABLE below.
    let table = UInt8(exactly: table ?? RT_TABLE_MAIN.rawValue) ?? 0
    return [
      prefix.family.rawValue, UInt8(prefix.length), 0, 0, table, origin, scope, type, 0, 0, 0, 0,
    ]
  }
}

extension RouteMessage.Kind {
  /// `rtm_type`.
  fileprivate var type: UInt8 { UInt8(self == .unreachable ? RTN_UNREACHABLE : RTN_UNICAST) }
}

extension AttributeEncoder {
  fileprivate mutating func put(
    _ prefix: IPPrefix, _ kind: RouteMessage.Kind, _ metric: UInt32?, _ table: UInt32?
  ) {
    // A default route has no RTA_DST.
    if prefix.length > 0 { put(RTA_DST, prefix.address) }
    if case .unicast(let index) = kind { put(RTA_OIF, index) }
    if let metric { put(RTA_PRIORITY, metric) }
    if let table { put(RTA_TABLE, table) }
  }
}
