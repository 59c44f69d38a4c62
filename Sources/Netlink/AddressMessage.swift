internal import CLinux
package import SystemCalls

/// Requests about addresses of interfaces; see rtnetlink(7), `RTM_NEWADDR` and its relatives.
package enum AddressMessage {
  /// Adds an address with its prefix length: `ip address add ADDRESS/LENGTH dev INTERFACE`.
  ///
  /// IPv6 addresses skip duplicate address detection, so they are usable at once. With
  /// `noPrefixRoute` the kernel adds no route for the prefix. Throws on request: `EEXIST` when the
  /// interface has the address, `ENODEV` without the interface.
  package static func add(
    _ prefix: IPPrefix, interface index: UInt32, noPrefixRoute: Bool = false
  ) throws(NetlinkError) -> NetlinkMessage {
    var flags: UInt32 = 0
    if prefix.family == .ipv6 { flags |= UInt32(IFA_F_NODAD) }
    if noPrefixRoute { flags |= UInt32(IFA_F_NOPREFIXROUTE) }
    return try NetlinkMessage(
      "adding address \(prefix) to link \(index) (RTM_NEWADDR)", type: RTM_NEWADDR,
      flags: [.create, .exclusive], header: header(prefix, index: index)
    ) { address in
      address.put(IFA_LOCAL, prefix.address)
      address.put(IFA_ADDRESS, prefix.address)
      // ifa_flags has 8 bits, too few for IFA_F_NOPREFIXROUTE.
      if flags != 0 { address.put(IFA_FLAGS, flags) }
    }
  }

  /// Removes an address: `ip address delete`.
  ///
  /// Throws on request: `EADDRNOTAVAIL` when the interface does not have it.
  package static func delete(
    _ prefix: IPPrefix, interface index: UInt32
  ) throws(NetlinkError) -> NetlinkMessage {
    try NetlinkMessage(
      "deleting address \(prefix) from link \(index) (RTM_DELADDR)", type: RTM_DELADDR,
      header: header(prefix, index: index)
    ) { address in
      address.put(IFA_LOCAL, prefix.address)
      address.put(IFA_ADDRESS, prefix.address)
    }
  }

  /// Asks for the addresses of all interfaces in both families, for ``NetlinkSocket/dump(_:)``.
  package static func list() -> NetlinkMessage {
    NetlinkMessage(
      "listing addresses (RTM_GETADDR)", type: RTM_GETADDR,
      header: [UInt8](repeating: 0, count: MemoryLayout<ifaddrmsg>.size))
  }

  /// `struct ifaddrmsg`; see rtnetlink(7).
  private static func header(_ prefix: IPPrefix, index: UInt32) -> [UInt8] {
    // Flags go into IFA_FLAGS; scope 0 is RT_SCOPE_UNIVERSE.
    var bytes: [UInt8] = [prefix.family.rawValue, UInt8(prefix.length), 0, 0]
    bytes.append(native: index)
    return bytes
  }
}

/// An address of an interface as the kernel describes it (`RTM_NEWADDR`).
package struct InterfaceAddress: Equatable {
  package let interfaceIndex: UInt32
  /// The interface's own address with its prefix length.
  package let prefix: IPPrefix
  /// `IFA_F_*` of linux/if_addr.h.
  package let flags: UInt32
  /// `RT_SCOPE_*` of linux/rtnetlink.h.
  package let scope: UInt8

  /// Nil for a family other than IPv4 and IPv6.
  package init?(_ reply: NetlinkReply) throws(NetlinkError) {
    guard reply.type == RTM_NEWADDR else { throw reply.unreadable("not an RTM_NEWADDR") }
    let attributes = try reply.attributes(after: MemoryLayout<ifaddrmsg>.size)
    let header = reply.payload
    guard let family = AddressFamily(kernel: header[0]) else { return nil }
    let local = try attributes.address(IFA_LOCAL, family)
    let address = try attributes.address(IFA_ADDRESS, family)
    // With both, IFA_ADDRESS can be the other end; IPv6 sends it alone when there is none.
    guard let address = local ?? address,
      let prefix = IPPrefix(address, length: Int(header[1])),
      let index = header.native(UInt32.self, at: 4)
    else { throw reply.unreadable("an address without IFA_ADDRESS or with a wrong length") }
    self.prefix = prefix
    interfaceIndex = index
    flags = try attributes.integer(IFA_FLAGS) ?? UInt32(header[2])
    scope = header[3]
  }
}

extension AddressFamily {
  /// The family of an `AF_*` number; nil for another than IPv4 and IPv6.
  init?(kernel number: UInt8) {
    switch number {
    case AddressFamily.ipv4.rawValue: self = .ipv4
    case AddressFamily.ipv6.rawValue: self = .ipv6
    default: return nil
    }
  }
}

extension NetlinkSocket {
  /// The IPv4 and IPv6 addresses of all interfaces in the socket's namespace.
  package func addresses() throws(NetlinkError) -> [InterfaceAddress] {
    var addresses: [InterfaceAddress] = []
    for reply in try dump(AddressMessage.list()) {
      if let address = try InterfaceAddress(reply) { addresses.append(address) }
    }
    return addresses
  }
}
