internal import CLinux

/// A family of generic netlink, whose number the kernel gives out when it loads the module.
package struct GenericFamily: Equatable {
  package let name: String
  /// The `nlmsg_type` of the family's messages.
  package let id: UInt16

  package init(name: String, id: UInt16) {
    self.name = name
    self.id = id
  }

  /// Reads the answer to ``get(name:)``.
  package init(_ reply: NetlinkReply) throws(NetlinkError) {
    let attributes = try reply.attributes(after: MemoryLayout<genlmsghdr>.size)
    guard let name = attributes.string(CTRL_ATTR_FAMILY_NAME),
      let id: UInt16 = try attributes.integer(CTRL_ATTR_FAMILY_ID)
    else { throw reply.unreadable("a family without a name or a number") }
    self.init(name: name, id: id)
  }

  /// Asks for a family by name (`CTRL_CMD_GETFAMILY`), for ``NetlinkSocket/get(_:)``.
  package static func get(name: String) throws(NetlinkError) -> NetlinkMessage {
    // struct genlmsghdr: command, version 1, reserved.
    let header = [UInt8(CTRL_CMD_GETFAMILY), 1, 0, 0]
    return try NetlinkMessage(
      "looking up generic netlink family '\(name)' (CTRL_CMD_GETFAMILY)", type: Int(GENL_ID_CTRL),
      header: header
    ) { $0.put(CTRL_ATTR_FAMILY_NAME, name) }
  }

  /// The family of that name; nil when the kernel has none (`ENOENT`).
  package static func resolve(
    _ name: String, over socket: borrowing NetlinkSocket
  ) throws(NetlinkError) -> GenericFamily? {
    guard let reply = try socket.get(get(name: name)) else { return nil }
    return try GenericFamily(reply)
  }
}
