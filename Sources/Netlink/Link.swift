internal import CLinux
internal import Glibc

/// A network interface as the kernel describes it (`RTM_NEWLINK`).
package struct Link: Equatable {
  package let index: UInt32
  package let name: String
  /// `IFLA_INFO_KIND`, as `wireguard` or `veth`; nil for lo and hardware.
  package let kind: String?
  /// Bytes.
  package let mtu: UInt32
  package let alias: String?
  /// `group` of ip-link(8).
  package let group: UInt32
  /// `IFF_UP`: set up by an administrator, whatever the carrier says.
  package let isUp: Bool
  /// Bytes received since the link exists.
  package let receivedBytes: UInt64
  /// Bytes sent since the link exists.
  package let transmittedBytes: UInt64
  /// Index of the other end of a veth (`IFLA_LINK`), in the namespace of ``linkNamespaceID``.
  package let peerIndex: UInt32?
  /// `IFLA_LINK_NETNSID`: this namespace's number for the peer's; nil when it is the same.
  package let linkNamespaceID: Int32?

  package init(_ reply: NetlinkReply) throws(NetlinkError) {
    guard reply.type == RTM_NEWLINK else { throw reply.unreadable("not an RTM_NEWLINK") }
    let attributes = try reply.attributes(after: MemoryLayout<ifinfomsg>.size)
    guard let index = reply.payload.native(UInt32.self, at: 4),
      let flags = reply.payload.native(UInt32.self, at: 8),
      let name = attributes.string(IFLA_IFNAME), let mtu: UInt32 = try attributes.integer(IFLA_MTU)
    else { throw reply.unreadable("a link without a name or an MTU") }
    self.index = index
    self.name = name
    self.mtu = mtu
    isUp = flags & UInt32(IFF_UP) != 0
    kind = try attributes.nested(IFLA_LINKINFO)?.string(IFLA_INFO_KIND)
    alias = attributes.string(IFLA_IFALIAS)
    group = try attributes.integer(IFLA_GROUP) ?? 0
    peerIndex = try attributes.integer(IFLA_LINK)
    linkNamespaceID = try attributes.integer(IFLA_LINK_NETNSID)
    // struct rtnl_link_stats64: received and sent packets, then bytes; newer kernels append.
    let statistics = attributes.bytes(IFLA_STATS64)
    receivedBytes = statistics?.native(UInt64.self, at: 16) ?? 0
    transmittedBytes = statistics?.native(UInt64.self, at: 24) ?? 0
  }
}

extension NetlinkSocket {
  /// The link of that name in the socket's namespace; nil when there is none.
  package func link(named name: String) throws(NetlinkError) -> Link? {
    guard let reply = try get(LinkMessage.get(name: name)) else { return nil }
    return try Link(reply)
  }

  /// The link with that index in the socket's namespace; nil when there is none.
  package func link(index: UInt32) throws(NetlinkError) -> Link? {
    guard let reply = try get(LinkMessage.get(index: index)) else { return nil }
    return try Link(reply)
  }

  /// All links of the socket's namespace.
  package func links() throws(NetlinkError) -> [Link] {
    try dump(LinkMessage.list()).map { (reply) throws(NetlinkError) in try Link(reply) }
  }
}
