internal import Glibc
package import SystemCalls

/// Sees the packets of all interfaces of the namespace that it is opened in, packet(7).
package struct PacketCapture: ~Copyable {
  private let socket: OwnedFileDescriptor

  package init() throws(SystemError) {
    // ETH_P_ALL of linux/if_ether.h, in the network's order.
    let number = Glibc.socket(
      AF_PACKET,
      Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
      Int32(UInt16(3).bigEndian))
    guard number >= 0 else { throw SystemError("socket", "AF_PACKET", errno: errno) }
    socket = OwnedFileDescriptor(owning: number)
    var size: Int32 = 1 << 23
    _ = unsafe setsockopt(
      number, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Which of `marks` were in packets since the last call, and on which interfaces.
  ///
  /// Returns when nothing more has come for so many milliseconds.
  package func find(
    _ marks: [[UInt8]], quiet milliseconds: Int32
  ) throws(SystemError) -> [(mark: Int, interface: String)] {
    var found: [(mark: Int, interface: String)] = []
    var packet = [UInt8](repeating: 0, count: 65536)
    // Traffic of others must not keep this from its end.
    var left = 200_000
    while left > 0, waitReadable(socket.rawValue, milliseconds: milliseconds) {
      left -= 1
      // struct sockaddr_ll; sll_ifindex is at its fifth byte.
      var address = [UInt8](repeating: 0, count: 32)
      var length = socklen_t(address.count)
      let count = unsafe packet.withUnsafeMutableBytes { buffer in
        unsafe address.withUnsafeMutableBytes { address in
          unsafe recvfrom(
            socket.rawValue, buffer.baseAddress, buffer.count, 0,
            address.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
        }
      }
      guard count > 0 else { continue }
      let index = address[4..<8].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      for (number, mark) in marks.enumerated() where contains(packet[..<count], mark) {
        let interface = interfaceName(UInt32(littleEndian: index))
        if !found.contains(where: { $0.mark == number && $0.interface == interface }) {
          found.append((number, interface))
        }
      }
    }
    return found
  }

  private func contains(_ packet: ArraySlice<UInt8>, _ mark: [UInt8]) -> Bool {
    guard let first = mark.first, packet.count >= mark.count else { return false }
    var rest = packet
    while let start = rest.firstIndex(of: first) {
      rest = rest[start...]
      if rest.starts(with: mark) { return true }
      rest = rest.dropFirst()
    }
    return false
  }

  private func interfaceName(_ index: UInt32) -> String {
    var name = [CChar](repeating: 0, count: 16)
    guard unsafe if_indextoname(index, &name) != nil else { return "interface \(index)" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
