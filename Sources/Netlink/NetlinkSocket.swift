internal import CLinux
internal import CMnl
internal import Glibc
internal import SystemCalls

/// A netlink(7) socket, carried by libmnl and closed with its owner.
///
/// It belongs to the network namespace in which it was opened, wherever the thread goes later.
@safe
package struct NetlinkSocket: ~Copyable {
  package enum Kind {
    /// Links, addresses and routes; see rtnetlink(7).
    case route
    /// Families with a number of their own, as WireGuard's; see ``GenericFamily``.
    case generic
  }

  /// The socket is used through `borrowing`, so what changes lives in a box.
  private final class Sequence { var last: UInt32 = 0 }

  private let socket: OpaquePointer
  private let port: UInt32
  private let sequence: Sequence

  /// Opens and binds a socket in the calling thread's network namespace.
  package init(_ kind: Kind) throws(NetlinkError) {
    let socket = try unsafe Self.open(kind == .route ? NETLINK_ROUTE : NETLINK_GENERIC)
    unsafe self.socket = socket
    port = unsafe mnl_socket_get_portid(socket)
    sequence = Sequence()
  }

  private static func open(_ bus: Int32) throws(NetlinkError) -> OpaquePointer {
    guard let socket = unsafe mnl_socket_open2(bus, Int32(SOCK_CLOEXEC.rawValue)) else {
      throw NetlinkError("opening a netlink socket", errno: errno)
    }
    var isOn: Int32 = 1
    // Older kernels lack some of these, and everything works without: the kernel's words with an
    // error, no echo of the request (which may hold a key) in it, no junk fields in requests.
    for option in [NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK] {
      _ = unsafe mnl_socket_setsockopt(
        socket, option, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }
    guard unsafe mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0 else {
      let number = errno
      _ = unsafe mnl_socket_close(socket)
      throw NetlinkError("binding a netlink socket", errno: number)
    }
    return unsafe socket
  }

  deinit { _ = unsafe mnl_socket_close(socket) }

  /// Sends a request and returns when the kernel has done it.
  ///
  /// Throws the errno of the acknowledgement (`NLMSG_ERROR`) with the kernel's words.
  package func request(_ message: NetlinkMessage) throws(NetlinkError) {
    _ = try exchange(message, adding: [.request, .acknowledge])
  }

  /// How many requests go to the kernel at once.
  ///
  /// Should all of them fail, so many acknowledgements fit into the socket's buffer; see
  /// `net.core.rmem_default` in socket(7).
  package static let batchLimit = 64

  /// Sends requests, many at once, and returns when the kernel has done them all, in order.
  ///
  /// The kernel goes on after one that fails, and the first failure is thrown; one with an errno
  /// among `tolerated` is none.
  package func request(
    _ messages: [NetlinkMessage], tolerating tolerated: Set<Int32> = []
  ) throws(NetlinkError) {
    var rest = messages[...]
    while !rest.isEmpty {
      try requestBatch(rest.prefix(Self.batchLimit), tolerated)
      rest = rest.dropFirst(Self.batchLimit)
    }
  }

  private func requestBatch(
    _ batch: ArraySlice<NetlinkMessage>, _ tolerated: Set<Int32>
  ) throws(NetlinkError) {
    guard let final = batch.last else { return }
    let first = sequence.last &+ 1
    var bytes: [UInt8] = []
    for (offset, message) in batch.enumerated() {
      sequence.last &+= 1
      // An error is reported without being asked for; that the last is done says that all are.
      let flags: NetlinkFlags =
        offset == batch.count - 1 ? [.request, .acknowledge] : [.request]
      bytes += message.bytes(sequence: sequence.last, adding: flags)
    }
    try send(bytes, final.operation)
    var failure: NetlinkError?
    var isDone = false
    while !isDone {
      for frame in try receive(final.operation) where frame.port == port {
        let offset = Int(frame.sequence &- first)
        guard offset < batch.count else { continue }
        var exchange = NetlinkExchange(
          operation: batch[batch.startIndex + offset].operation)
        do throws(NetlinkError) { _ = try exchange.take(frame) } catch {
          if !tolerated.contains(error.number) { failure = failure ?? error }
        }
        if offset == batch.count - 1 { isDone = true }
      }
    }
    if let failure { throw failure }
  }

  /// The one object asked for; nil when the kernel has none (`ENODEV`, `ENOENT`).
  package func get(_ message: NetlinkMessage) throws(NetlinkError) -> NetlinkReply? {
    do {
      // Not acknowledged as well: the object, or the error in its place, is all that comes.
      return try exchange(message, adding: .request, endsWithFirst: true).replies.first
    } catch {
      guard error.number == ENODEV || error.number == ENOENT else { throw error }
      return nil
    }
  }

  /// All objects asked for (`NLM_F_DUMP`).
  ///
  /// A table that changes meanwhile is read again; `EINTR` if it does so eight times in a row.
  package func dump(_ message: NetlinkMessage) throws(NetlinkError) -> [NetlinkReply] {
    for _ in 0..<8 {
      let exchange = try exchange(message, adding: [.request, .dump])
      if !exchange.isInterrupted { return exchange.replies }
    }
    throw NetlinkError(message.operation, errno: EINTR, "the table changed during every dump")
  }

  private func exchange(
    _ message: NetlinkMessage, adding flags: NetlinkFlags, endsWithFirst: Bool = false
  ) throws(NetlinkError) -> NetlinkExchange {
    sequence.last &+= 1
    try send(message.bytes(sequence: sequence.last, adding: flags), message.operation)
    var exchange = NetlinkExchange(operation: message.operation)
    while true {
      let frames = try receive(message.operation)
      // What else arrives is no answer to this request: the rest of a dump that failed half-way.
      for frame in frames where frame.sequence == sequence.last && frame.port == port {
        let isLast = try exchange.take(frame)
        if isLast || endsWithFirst && !exchange.replies.isEmpty { return exchange }
      }
    }
  }

  private func send(_ bytes: [UInt8], _ operation: String) throws(NetlinkError) {
    let count = unsafe bytes.withUnsafeBytes { buffer in
      retryOnInterrupt { unsafe mnl_socket_sendto(socket, buffer.baseAddress, buffer.count) }
    }
    guard count >= 0 else { throw NetlinkError(operation, errno: errno) }
  }

  private func receive(_ operation: String) throws(NetlinkError) -> [NetlinkFrame] {
    // The kernel fills at most 32 KiB per datagram of a dump (MNL_SOCKET_DUMP_SIZE); a single
    // object can be larger. One that does not fit is ENOSPC, from libmnl.
    // Not filled with zeros first, which would take longer than all the rest.
    var count = 0
    let datagram = unsafe [UInt8](unsafeUninitializedCapacity: 65536) { buffer, used in
      count = retryOnInterrupt {
        unsafe mnl_socket_recvfrom(socket, buffer.baseAddress, buffer.count)
      }
      used = max(count, 0)
    }
    guard count >= 0 else { throw NetlinkError(operation, errno: errno) }
    guard let frames = NetlinkFrame.split(datagram) else {
      throw NetlinkError(operation, errno: EBADMSG, "the reply is cut short")
    }
    return frames
  }
}
