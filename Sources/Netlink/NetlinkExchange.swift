internal import CLinux
internal import Glibc

/// What has come back for one request so far.
package struct NetlinkExchange {
  package let operation: String
  package private(set) var replies: [NetlinkReply] = []
  /// Whether the kernel's table changed under a dump (`NLM_F_DUMP_INTR`): start over.
  package private(set) var isInterrupted = false

  package init(operation: String) { self.operation = operation }

  /// Takes the next frame; true when it was the last, and throws when the kernel refused.
  package mutating func take(_ frame: NetlinkFrame) throws(NetlinkError) -> Bool {
    if frame.flags.contains(.dumpInterrupted) { isInterrupted = true }
    switch Int32(frame.type) {
    case NLMSG_NOOP:
      return false
    case NLMSG_OVERRUN:
      throw NetlinkError(operation, errno: ENOBUFS)
    case NLMSG_ERROR:
      try acknowledge(frame, textAt: acknowledgementTextOffset(frame))
      return true
    case NLMSG_DONE:
      try acknowledge(frame, textAt: MemoryLayout<Int32>.size)
      return true
    default:
      replies.append(
        NetlinkReply(operation: operation, type: frame.type, payload: frame.payload))
      return false
    }
  }

  /// Both kinds of last message start with 0 or a negative errno (`struct nlmsgerr`).
  private func acknowledge(_ frame: NetlinkFrame, textAt offset: Int) throws(NetlinkError) {
    guard let result = frame.payload.native(Int32.self, at: 0) else {
      // Old kernels end a dump that went well with an empty NLMSG_DONE.
      if frame.type == NLMSG_DONE { return }
      throw NetlinkError(operation, errno: EBADMSG, "the acknowledgement is cut short")
    }
    guard result < 0 else { return }
    let number = result == .min ? EBADMSG : -result
    guard frame.flags.contains(.acknowledgeAttributes), frame.payload.count >= offset else {
      throw NetlinkError(operation, errno: number)
    }
    let attributes = try? AttributeList(
      frame.payload.dropFirst(offset), operation: operation)
    throw NetlinkError(operation, errno: number, attributes?.string(NLMSGERR_ATTR_MSG))
  }

  /// Attributes follow `struct nlmsgerr`, and the echo of the request unless that is capped.
  private func acknowledgementTextOffset(_ frame: NetlinkFrame) -> Int {
    let header = MemoryLayout<nlmsgerr>.size
    guard !frame.flags.contains(.capped),
      let echoed = frame.payload.native(UInt32.self, at: MemoryLayout<Int32>.size)
    else { return header }
    return header + max(netlinkAligned(Int(echoed)) - MemoryLayout<nlmsghdr>.size, 0)
  }
}
