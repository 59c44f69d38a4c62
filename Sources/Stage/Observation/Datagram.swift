internal import Glibc
package import SystemCalls

/// A UDP datagram that is sent to see where it goes, or to have WireGuard shake hands.
package struct Datagram: Equatable, Sendable {
  package let destination: SocketAddress
  package let payload: [UInt8]
  /// The only interface that it may leave by, `SO_BINDTODEVICE` of socket(7).
  package let interface: String?

  package init(to destination: SocketAddress, _ payload: [UInt8], by interface: String? = nil) {
    self.destination = destination
    self.payload = payload
    self.interface = interface
  }

  /// Sends it from the calling thread's namespace.
  fileprivate func send() throws(SystemError) {
    let subject = destination.description
    let family = destination.address.family
    let number = socket(
      Int32(family.rawValue), Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw SystemError("socket", subject, errno: errno) }
    let socket = OwnedFileDescriptor(owning: number)
    if let interface {
      let result = unsafe setsockopt(
        number, SOL_SOCKET, SO_BINDTODEVICE, interface, socklen_t(interface.utf8.count))
      guard result == 0 else { throw SystemError("bind to", interface, errno: errno) }
    }
    var isOn: Int32 = 1
    _ = unsafe setsockopt(
      number, SOL_SOCKET, SO_BROADCAST, &isOn, socklen_t(MemoryLayout<Int32>.size))
    let address = destination.kernelBytes
    let count = unsafe address.withUnsafeBytes { bytes in
      unsafe bytes.withMemoryRebound(to: sockaddr.self) { pointer in
        unsafe sendto(
          socket.rawValue, payload, payload.count, Int32(MSG_DONTWAIT),
          pointer.baseAddress, socklen_t(address.count))
      }
    }
    guard count >= 0 else { throw SystemError("send to", subject, errno: errno) }
  }
}

extension Observer {
  /// Sends it from inside the namespace, or with nil from where this process is.
  ///
  /// Throws what the kernel answers: `EPERM` from a filter, `ENETUNREACH` without a route.
  package func send(
    _ datagram: Datagram, inside namespace: ObservedInstance.Namespace?
  ) throws(StageError) {
    guard let namespace else { return try system(try datagram.send()) }
    try enter(namespace) { () throws(StageError) in try system(try datagram.send()) }
  }

  /// The value of a setting below /proc/sys/net as it is inside.
  package func setting(
    _ name: String, inside namespace: ObservedInstance.Namespace
  ) throws(StageError) -> String {
    try enter(namespace) { () throws(StageError) in
      let bytes = try system(try readFile("/proc/sys/net/\(name)", limit: 4096))
      return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
  }

  private func enter<Value>(
    _ namespace: ObservedInstance.Namespace, _ body: () throws(StageError) -> Value
  ) throws(StageError) -> Value {
    let reference = NamespaceReference(path: namespace.path, identity: namespace.identity)
    return try openNamespace(reference).perform(body)
  }
}
