internal import GeneratorCore
internal import Glibc
internal import Stage
internal import SystemCalls

/// Waits for a VPN's first handshake, which WireGuard makes only when there is something to send.
struct Handshake {
  private let observer = Observer()

  /// The time of it, in seconds since 1970; nil when there was none in so many seconds.
  func wait(for instance: Instance, seconds: Int) -> Int64? {
    let end = time(nil) + seconds
    let target = Self.target(of: instance)
    while true {
      let observed = observer.observe(instance.name)
      let peers = observed.wireGuard?.peers ?? []
      if let time = peers.compactMap(\.lastHandshake).max() { return time }
      guard time(nil) < end else { return nil }
      if let target, let namespace = observed.namespace {
        // WireGuard asks its peer by itself every five seconds; this is for the first time.
        try? observer.send(
          Datagram(to: SocketAddress(target, port: 9), [0], by: observed.wireGuard?.name),
          inside: namespace)
      }
      usleep(300_000)
    }
  }

  /// An address that the VPN routes: a name server's, or the second of the widest network.
  private static func target(of instance: Instance) -> IPAddress? {
    let settings = instance.wireGuard
    let allowed = settings.peers.flatMap(\.allowedIPs).filter { settings.has($0.family) }
    for case .server(let address) in settings.dns {
      if let host = IPPrefix(address, length: address.family.bits),
        allowed.contains(where: { $0.contains(host) })
      {
        return address
      }
    }
    guard let widest = allowed.min(by: { $0.length < $1.length }) else { return nil }
    // 192.0.2.1 and 2001:db8::1 are nobody's; RFC 5737, RFC 3849.
    guard widest.length > 0 else {
      return IPAddress(widest.family == .ipv4 ? "192.0.2.1" : "2001:db8::1")
    }
    var bytes = widest.network.address.bytes
    if widest.length < widest.family.bits { bytes[bytes.count - 1] |= 1 }
    return IPAddress(bytes: bytes)
  }
}
