internal import SystemCalls

/// How many IP fragments the calling thread's namespace has made and received since it is there.
///
/// WireGuard lets its own packets be fragmented, so a packet that came through the tunnel says
/// nothing of the path's MTU; that these have not moved meanwhile does.
struct FragmentCounters: Equatable {
  let made: UInt64
  let received: UInt64

  init() throws(SystemError) {
    let ipv4 = String(
      decoding: try readFile("/proc/thread-self/net/snmp", limit: 65536), as: UTF8.self)
    // A kernel without IPv6 has no such file.
    let ipv6 = (try readExisting("/proc/thread-self/net/snmp6")) ?? []
    self.init(ipv4: ipv4, ipv6: String(decoding: ipv6, as: UTF8.self))
  }

  /// From the texts of /proc/net/snmp and /proc/net/snmp6; see RFC 1213 for the names.
  init(ipv4: String, ipv6: String) {
    let rows = ipv4.split(separator: "\n").filter { $0.hasPrefix("Ip: ") }
      .map { $0.split(separator: " ") }
    let first = rows.count == 2 ? Array(zip(rows[0], rows[1])) : []
    let second = ipv6.split(separator: "\n").map { $0.split(whereSeparator: \.isWhitespace) }
    func sum(_ name: String) -> UInt64 {
      let old = first.first { $0.0 == name }.flatMap { UInt64($0.1) } ?? 0
      let new = second.first { $0.first == "Ip6\(name)" }.flatMap { $0.last }.flatMap { UInt64($0) }
      return old &+ (new ?? 0)
    }
    made = sum("FragCreates")
    received = sum("ReasmReqds")
  }
}
