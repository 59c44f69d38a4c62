internal import CLinux
internal import Glibc
internal import SystemCalls

/// What came back from where a peer is looked for.
enum Arrival: Equatable {
  /// A packet of the endpoint's.
  case packet
  /// An ICMP message that it cannot be reached: `from` a router, or the endpoint itself.
  case unreachable(from: IPAddress)
}

/// Watches the host's interfaces for what comes back from an endpoint; packet(7).
///
/// WireGuard counts only what it could decrypt and drops the rest without a word, so nothing else
/// tells a silent endpoint from one whose answers do not fit the keys. Packets are seen before any
/// filter of the host's.
final class ArrivalWatch {
  private let socket: OwnedFileDescriptor
  /// What has come so far; a packet counts more than ICMP.
  private(set) var seen: Arrival?

  /// In the network namespace of the calling thread; takes CAP_NET_RAW.
  init(_ endpoint: SocketAddress) throws(SystemError) {
    let kind = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    // Protocol 0: nothing arrives before the filter is there and the socket bound.
    let descriptor = Glibc.socket(AF_PACKET, kind, 0)
    guard descriptor >= 0 else { throw SystemError("socket", "AF_PACKET", errno: errno) }
    socket = OwnedFileDescriptor(owning: descriptor)
    try attach(ArrivalFilter(endpoint))
    try bind(endpoint.address.family)
  }

  private func attach(_ filter: ArrivalFilter) throws(SystemError) {
    var program = filter.program
    let result = unsafe program.withUnsafeMutableBufferPointer { instructions in
      var description = unsafe sock_fprog(
        len: UInt16(clamping: instructions.count), filter: instructions.baseAddress)
      return unsafe setsockopt(
        socket.rawValue, SOL_SOCKET, SO_ATTACH_FILTER, &description,
        socklen_t(MemoryLayout<sock_fprog>.size))
    }
    guard result == 0 else { throw SystemError("setsockopt", "SO_ATTACH_FILTER", errno: errno) }
  }

  private func bind(_ family: AddressFamily) throws(SystemError) {
    var address = sockaddr_ll()
    address.sll_family = UInt16(AF_PACKET)
    address.sll_protocol = UInt16(family == .ipv4 ? ETH_P_IP : ETH_P_IPV6).bigEndian
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.bind(socket.rawValue, $0, socklen_t(MemoryLayout<sockaddr_ll>.size))
      }
    }
    guard result == 0 else { throw SystemError("bind", "AF_PACKET", errno: errno) }
  }

  /// Takes what has come since the last time.
  func look() {
    var buffer = [UInt8](repeating: 0, count: 128)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        retryOnInterrupt { unsafe recv(socket.rawValue, bytes.baseAddress, bytes.count, 0) }
      }
      guard count > 0 else { return }
      if let arrival = Arrival(packet: buffer[..<count]), seen != .packet { seen = arrival }
    }
  }
}

extension Arrival {
  /// Reads a packet that `ArrivalFilter` let through, from its IP header on.
  init?(packet: ArraySlice<UInt8>) {
    let isIPv4 = packet.first.map { $0 >> 4 == 4 } ?? false
    guard packet.count >= (isIPv4 ? 20 : 40) else { return nil }
    let transport = Int(packet[packet.startIndex + (isIPv4 ? 9 : 6)])
    guard transport != IPPROTO_UDP else {
      self = .packet
      return
    }
    let source = packet.dropFirst(isIPv4 ? 12 : 8).prefix(isIPv4 ? 4 : 16)
    guard let address = IPAddress(bytes: Array(source)) else { return nil }
    self = .unreachable(from: address)
  }
}
