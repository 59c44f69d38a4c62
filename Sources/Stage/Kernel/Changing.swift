internal import Glibc
internal import Netlink
internal import SystemCalls

// The operations that change or remove what is there.
extension KernelExecutor {
  /// Behind every other route: the larger the metric the later.
  func addUnreachableDefault(_ family: AddressFamily) throws(StageError) {
    guard let everything = IPPrefix(.unspecified(family), length: 0) else { return }
    try request(
      try RouteMessage.replace(destination: everything, kind: .unreachable, metric: .max), .inside)
  }

  func load(_ table: FilterTable, _ side: Side) throws(StageError) {
    guard side == .inside else { return try table.load() }
    try namespace.perform { () throws(StageError) in try table.load() }
  }

  func write(setting path: String, _ value: String, _ side: Side) throws(StageError) {
    guard side == .inside else { return try system(try writeSetting(path, value)) }
    // /proc/sys/net is that of the thread's namespace.
    try namespace.perform { () throws(StageError) in try system(try writeSetting(path, value)) }
  }

  func removeAddress(_ prefix: IPPrefix, _ interface: String) throws(StageError) {
    let index = try index(interface, .inside)
    try removing(goneBy: EADDRNOTAVAIL) { () throws(NetlinkError) in
      try AddressMessage.delete(prefix, interface: index)
    }
  }

  func removeRoute(
    _ prefix: IPPrefix, _ interface: String, _ table: UInt32?
  ) throws(StageError) {
    let index = try index(interface, .inside)
    try removing(goneBy: ESRCH) { () throws(NetlinkError) in
      try RouteMessage.delete(
        destination: prefix, kind: .unicast(outputInterface: index), table: table)
    }
  }

  /// The kernel may have taken it away with something else: a route with its last address.
  private func removing(
    goneBy number: Int32, _ message: () throws(NetlinkError) -> NetlinkMessage
  ) throws(StageError) {
    do throws(NetlinkError) { try send(try message(), .inside) } catch {
      guard error.number == number else { throw StageError(error) }
    }
  }
}

/// Writes below /proc/sys, unless the value is there already or the kernel has no such setting.
private func writeSetting(_ path: String, _ value: String) throws(SystemError) {
  do throws(SystemError) {
    let current = try readFile(path, limit: 64)
    if String(decoding: current, as: UTF8.self) == value + "\n" { return }
    try overwriteFile(path, with: value)
  } catch {
    if !error.isMissing { throw error }
  }
}
