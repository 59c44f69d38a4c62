internal import Glibc
internal import SystemCalls

/// Asks an address for an echo with packets of an exact size that nobody may fragment; raw(7).
///
/// It belongs to the namespace in which it was opened, whichever the thread is in later.
struct EchoSocket: ~Copyable {
  private let descriptor: OwnedFileDescriptor
  private let target: IPAddress
  private let identifier = UInt16(truncatingIfNeeded: getpid())
  private var sequence: UInt16 = 0

  /// Throws `EPERM` without CAP_NET_RAW, and what connect(2) has to say of a route that is not there.
  init(to target: IPAddress) throws(SystemError) {
    let socket = try openSocket(target.family)
    try connect(socket, to: target)
    self.target = target
    descriptor = socket
  }

  /// Whether a packet of `size` bytes, IP header and all, has its answer of the same size in time.
  ///
  /// One that is larger than the interface takes has none. Throws when none could be sent at all.
  mutating func isAnswered(
    size: Int, within limit: Duration = .seconds(1)
  ) throws(SystemError) -> Bool {
    sequence &+= 1
    let packet = request(size: size)
    let sent = unsafe packet.withUnsafeBytes { buffer in
      retryOnInterrupt {
        unsafe send(descriptor.rawValue, buffer.baseAddress, buffer.count, 0)
      }
    }
    guard sent == packet.count else {
      // Also what somebody on the way said of the packet before.
      if errno == EMSGSIZE { return false }
      throw SystemError("send", target.description, errno: errno)
    }
    let end = ContinuousClock.now + limit
    while true {
      let left = end - .now
      guard left > .zero else { return false }
      var poll = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
      let milliseconds =
        left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
      guard unsafe Glibc.poll(&poll, 1, Int32(milliseconds) + 1) > 0 else { continue }
      if receivesAnswer() { return true }
    }
  }

  /// Type, code, checksum, identifier, sequence, and zeros; RFC 792, RFC 4443.
  private func request(size: Int) -> [UInt8] {
    let isIPv4 = target.family == .ipv4
    let length = max(size - (isIPv4 ? 20 : 40), 8)
    var packet: [UInt8] = [isIPv4 ? 8 : 128, 0, 0, 0]
    packet += [identifier, sequence].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    packet += [UInt8](repeating: 0, count: length - packet.count)
    // Of ICMPv6 the kernel writes it, RFC 3542.
    if isIPv4 {
      let sum = internetChecksum(packet)
      packet[2] = UInt8(sum >> 8)
      packet[3] = UInt8(sum & 0xff)
    }
    return packet
  }

  private func receivesAnswer() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe recv(descriptor.rawValue, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
    }
    // Of IPv4 the header comes along, its length in words of four bytes in the first one.
    let header = target.family == .ipv4 ? Int(buffer[0] & 0xf) * 4 : 0
    guard count >= header + 8 else { return false }
    let answer = buffer[header..<count]
    let expected = [identifier, sequence].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    return answer.first == (target.family == .ipv4 ? 0 : 129)
      && Array(answer.dropFirst(4).prefix(4)) == expected
  }
}

private func openSocket(_ family: AddressFamily) throws(SystemError) -> OwnedFileDescriptor {
  let isIPv4 = family == .ipv4
  let descriptor = OwnedFileDescriptor(
    owning: socket(
      Int32(family.rawValue), Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
      Int32(isIPv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)))
  guard descriptor.rawValue >= 0 else { throw SystemError("socket", "ICMP", errno: errno) }
  // DF, and no regard for what earlier packets have taught of the path; ip(7), ipv6(7).
  var probe: Int32 = isIPv4 ? IP_PMTUDISC_PROBE : IPV6_PMTUDISC_PROBE
  let set = unsafe setsockopt(
    descriptor.rawValue, Int32(isIPv4 ? IPPROTO_IP : IPPROTO_IPV6),
    isIPv4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, &probe, socklen_t(MemoryLayout<Int32>.size))
  guard set == 0 else { throw SystemError("setsockopt", "IP_MTU_DISCOVER", errno: errno) }
  return descriptor
}

private func connect(
  _ socket: borrowing OwnedFileDescriptor, to target: IPAddress
) throws(SystemError) {
  let descriptor = socket.rawValue
  let bytes = SocketAddress(target, port: 0).kernelBytes
  let result = unsafe bytes.withUnsafeBytes { buffer -> Int32 in
    guard let base = buffer.baseAddress else { return -1 }
    return unsafe Glibc.connect(
      descriptor, base.assumingMemoryBound(to: sockaddr.self), socklen_t(buffer.count))
  }
  guard result == 0 else { throw SystemError("connect", target.description, errno: errno) }
}

/// RFC 1071.
func internetChecksum(_ bytes: [UInt8]) -> UInt16 {
  var sum: UInt32 = 0
  for index in stride(from: 0, to: bytes.count, by: 2) {
    let low = index + 1 < bytes.count ? bytes[index + 1] : 0
    sum += UInt32(bytes[index]) << 8 | UInt32(low)
  }
  while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
  return ~UInt16(sum)
}
