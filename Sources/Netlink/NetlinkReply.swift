internal import CLinux
internal import CMnl
internal import Glibc

/// One object the kernel answered with.
package struct NetlinkReply: Equatable, CustomReflectable {
  /// What the request was for, for errors.
  package let operation: String
  /// `nlmsg_type`, as `RTM_NEWLINK`.
  package let type: UInt16
  /// The family's fixed header and the attributes.
  package let payload: [UInt8]

  package init(operation: String, type: UInt16, payload: [UInt8]) {
    self.operation = operation
    self.type = type
    self.payload = payload
  }

  // The kernel's description of a WireGuard interface has the private key in it.
  package var customMirror: Mirror {
    Mirror(self, children: ["operation": operation, "size": payload.count])
  }

  /// The attributes behind a fixed header of `length` bytes.
  package func attributes(after length: Int) throws(NetlinkError) -> AttributeList {
    guard payload.count >= length else { throw unreadable("the reply is cut short") }
    return try AttributeList(payload.dropFirst(length), operation: operation)
  }

  /// The error for a reply that makes no sense.
  package func unreadable(_ text: String) -> NetlinkError {
    NetlinkError(operation, errno: EBADMSG, text)
  }
}

/// One `struct nlmsghdr` with what follows it.
package struct NetlinkFrame: Equatable {
  package let type: UInt16
  package let flags: NetlinkFlags
  package let sequence: UInt32
  package let port: UInt32
  package let payload: [UInt8]

  /// The frames of one datagram; nil when one is cut short.
  package static func split(_ datagram: [UInt8]) -> [NetlinkFrame]? {
    var frames: [NetlinkFrame] = []
    var rest = datagram[...]
    while !rest.isEmpty {
      guard let frame = NetlinkFrame(first: rest) else { return nil }
      frames.append(frame)
      let length = MemoryLayout<nlmsghdr>.size + frame.payload.count
      rest = rest.dropFirst(netlinkAligned(length))
    }
    return frames
  }

  private init?(first bytes: ArraySlice<UInt8>) {
    let isWhole = unsafe bytes.withUnsafeBytes { buffer in
      let header = unsafe buffer.baseAddress?.assumingMemoryBound(to: nlmsghdr.self)
      return unsafe mnl_nlmsg_ok(header, Int32(clamping: buffer.count))
    }
    // mnl_nlmsg_ok(3) compares signed: a length above 2^31 passes it.
    guard isWhole, let length = bytes.native(UInt32.self, at: 0), length <= bytes.count,
      let type = bytes.native(UInt16.self, at: 4), let flags = bytes.native(UInt16.self, at: 6),
      let sequence = bytes.native(UInt32.self, at: 8), let port = bytes.native(UInt32.self, at: 12)
    else { return nil }
    self.type = type
    self.flags = NetlinkFlags(rawValue: flags)
    self.sequence = sequence
    self.port = port
    payload = Array(bytes.prefix(Int(length)).dropFirst(MemoryLayout<nlmsghdr>.size))
  }
}
