internal import CLinux
internal import Glibc

/// Requests about network interfaces; see rtnetlink(7), `RTM_NEWLINK` and its relatives.
package enum LinkMessage {
  /// Creates a WireGuard interface, down and without keys: `ip link add NAME type wireguard`.
  ///
  /// With `namespace`, a descriptor of one, the link is born there while its UDP socket belongs to
  /// the namespace of the netlink socket. Throws on request: `EEXIST` when the name is taken in
  /// that namespace, `EOPNOTSUPP` when the kernel has no WireGuard.
  package static func createWireGuard(
    name: String, mtu: UInt32? = nil, group: UInt32? = nil, namespace: Int32? = nil
  ) throws(NetlinkError) -> NetlinkMessage {
    try create(name) { link in
      link.put(IFLA_IFNAME, name)
      if let mtu { link.put(IFLA_MTU, mtu) }
      if let group { link.put(IFLA_GROUP, group) }
      if let namespace { link.put(IFLA_NET_NS_FD, namespace) }
      link.nest(IFLA_LINKINFO) { $0.put(IFLA_INFO_KIND, "wireguard") }
    }
  }

  /// Creates a veth(4) pair, both ends down: `ip link add NAME type veth peer name PEER netns FD`.
  ///
  /// The peer is born in `peerNamespace`, so its name has to be free only there. `group` is the
  /// first end's, `group` of ip-link(8). Throws on request: `EEXIST` when either name is taken.
  package static func createVeth(
    name: String, mtu: UInt32? = nil, group: UInt32? = nil, peerName: String, peerNamespace: Int32
  ) throws(NetlinkError) -> NetlinkMessage {
    try create(name) { link in
      link.put(IFLA_IFNAME, name)
      if let mtu { link.put(IFLA_MTU, mtu) }
      if let group { link.put(IFLA_GROUP, group) }
      link.nest(IFLA_LINKINFO) { info in
        info.put(IFLA_INFO_KIND, "veth")
        info.nest(IFLA_INFO_DATA) { data in
          data.nest(VETH_INFO_PEER) { peer in
            // A whole link message of its own, less the nlmsghdr.
            peer.put(header: header())
            peer.put(IFLA_IFNAME, peerName)
            if let mtu { peer.put(IFLA_MTU, mtu) }
            peer.put(IFLA_NET_NS_FD, peerNamespace)
          }
        }
      }
    }
  }

  /// Changes what is given and leaves the rest: `ip link set`.
  ///
  /// `name` renames, an empty `alias` removes the alias, `namespace` moves the link into the
  /// namespace of that descriptor. Throws on request: `ENODEV` when there is no such link, before
  /// Linux 6.2 `EBUSY` for a new name while it is up.
  package static func set(
    index: UInt32, name: String? = nil, mtu: UInt32? = nil, group: UInt32? = nil,
    alias: String? = nil, up: Bool? = nil, namespace: Int32? = nil
  ) throws(NetlinkError) -> NetlinkMessage {
    // Only the bits of the change mask are looked at: other flags stay as they are.
    let header = header(
      index: index, flags: up == true ? UInt32(IFF_UP) : 0,
      changing: up == nil ? 0 : UInt32(IFF_UP))
    return try NetlinkMessage(
      "changing link \(index) (RTM_NEWLINK)", type: RTM_NEWLINK, header: header
    ) { link in
      if let namespace { link.put(IFLA_NET_NS_FD, namespace) }
      if let name { link.put(IFLA_IFNAME, name) }
      if let mtu { link.put(IFLA_MTU, mtu) }
      if let group { link.put(IFLA_GROUP, group) }
      // Without a NUL, as `ip` does: the kernel would make it part of the alias.
      if let alias { link.put(IFLA_IFALIAS, Array(alias.utf8)) }
    }
  }

  /// Removes a link, with a veth(4) its peer too: `ip link delete`.
  ///
  /// Throws on request: `ENODEV` when there is no such link.
  package static func delete(index: UInt32) -> NetlinkMessage {
    NetlinkMessage(
      "deleting link \(index) (RTM_DELLINK)", type: RTM_DELLINK, header: header(index: index))
  }

  /// Asks for one link, for ``NetlinkSocket/get(_:)``.
  package static func get(name: String) throws(NetlinkError) -> NetlinkMessage {
    try NetlinkMessage(
      "looking up link '\(name)' (RTM_GETLINK)", type: RTM_GETLINK, header: header()
    ) { $0.put(IFLA_IFNAME, name) }
  }

  /// Asks for one link, for ``NetlinkSocket/get(_:)``.
  package static func get(index: UInt32) -> NetlinkMessage {
    NetlinkMessage(
      "looking up link \(index) (RTM_GETLINK)", type: RTM_GETLINK, header: header(index: index))
  }

  /// Asks for all links of the namespace, for ``NetlinkSocket/dump(_:)``.
  package static func list() -> NetlinkMessage {
    NetlinkMessage("listing links (RTM_GETLINK)", type: RTM_GETLINK, header: header())
  }

  private static func create(
    _ name: String, _ encode: (inout AttributeEncoder) -> Void
  ) throws(NetlinkError) -> NetlinkMessage {
    try NetlinkMessage(
      "creating link '\(name)' (RTM_NEWLINK)", type: RTM_NEWLINK, flags: [.create, .exclusive],
      header: header(), encode: encode)
  }

  /// `struct ifinfomsg`; see rtnetlink(7).
  private static func header(
    index: UInt32 = 0, flags: UInt32 = 0, changing: UInt32 = 0
  ) -> [UInt8] {
    // ifi_family AF_UNSPEC, padding, ifi_type.
    var bytes: [UInt8] = [0, 0, 0, 0]
    bytes.append(native: index)
    bytes.append(native: flags)
    bytes.append(native: changing)
    return bytes
  }
}
