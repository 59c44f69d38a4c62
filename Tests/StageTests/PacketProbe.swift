import Glibc
import SystemCalls
import Testing

/// What packets of the calling thread's namespace may do.
enum PacketProbe {
  /// A socket of the calling thread's namespace.
  private static func socket(
    _ address: IPAddress, _ type: __socket_type
  ) throws -> OwnedFileDescriptor {
    let family = address.family == .ipv4 ? AF_INET : AF_INET6
    let descriptor = OwnedFileDescriptor(owning: Glibc.socket(family, Int32(type.rawValue), 0))
    try #require(descriptor.rawValue >= 0)
    return descriptor
  }

  private enum Verb { case bind, connect }

  /// bind(2) or connect(2); returns 0 or the error's number.
  private static func call(
    _ verb: Verb, _ socket: borrowing OwnedFileDescriptor, _ address: IPAddress, _ port: UInt16
  ) -> Int32 {
    let descriptor = socket.rawValue
    let bytes = SocketAddress(address, port: port).kernelBytes
    let result = unsafe bytes.withUnsafeBytes { buffer -> Int32 in
      guard let start = buffer.baseAddress else { return -1 }
      let address = unsafe start.assumingMemoryBound(to: sockaddr.self)
      let size = socklen_t(buffer.count)
      return switch verb {
      case .bind: unsafe Glibc.bind(descriptor, address, size)
      case .connect: unsafe Glibc.connect(descriptor, address, size)
      }
    }
    return result == 0 ? 0 : errno
  }

  /// Whether a packet to the address may leave; a filter on the way out answers EPERM, nft(8).
  static func maySend(to text: String, _ port: UInt16) throws -> Bool {
    let address = try #require(IPAddress(text))
    let socket = try socket(address, SOCK_DGRAM)
    let connected = call(.connect, socket, address, port)
    try #require(connected == 0)
    let byte: [UInt8] = [0]
    let sent = unsafe byte.withUnsafeBytes {
      unsafe Glibc.send(socket.rawValue, $0.baseAddress, $0.count, 0)
    }
    let reason = sent == 1 ? 0 : errno
    try #require(reason == 0 || reason == EPERM)
    return reason == 0
  }

  /// Whether a connection to the address comes about in time.
  ///
  /// TCP tries again after a second: a pair that has just come up may lose the first packet.
  static func mayConnect(
    to text: String, _ port: UInt16, within seconds: Int = 10
  ) throws -> Bool {
    let address = try #require(IPAddress(text))
    let socket = try socket(address, SOCK_STREAM)
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    let limited = unsafe setsockopt(socket.rawValue, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    try #require(limited == 0)
    return call(.connect, socket, address, port) == 0
  }

  /// A socket that takes datagrams.
  static func boundDatagram(_ text: String, _ port: UInt16) throws -> OwnedFileDescriptor {
    let address = try #require(IPAddress(text))
    let socket = try socket(address, SOCK_DGRAM)
    let bound = call(.bind, socket, address, port)
    try #require(bound == 0)
    return socket
  }

  /// Sends a datagram.
  static func send(
    from source: String, _ sourcePort: UInt16, to text: String, _ port: UInt16
  ) throws {
    let socket = try boundDatagram(source, sourcePort)
    let connected = call(.connect, socket, try #require(IPAddress(text)), port)
    try #require(connected == 0)
    let byte: [UInt8] = [0]
    let sent = unsafe byte.withUnsafeBytes {
      unsafe Glibc.send(socket.rawValue, $0.baseAddress, $0.count, 0)
    }
    try #require(sent == 1)
  }

  static func listening(on text: String, _ port: UInt16) throws -> OwnedFileDescriptor {
    let address = try #require(IPAddress(text))
    let socket = try socket(address, SOCK_STREAM)
    let bound = call(.bind, socket, address, port)
    let listening = listen(socket.rawValue, 8)
    try #require(bound == 0 && listening == 0)
    return socket
  }
}
