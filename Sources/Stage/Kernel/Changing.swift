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
    // The kernel may have taken it away with another of its network.
    let message = try netlink(try AddressMessage.delete(prefix, interface: index))
    try netlink(try inside.request([message], tolerating: [EADDRNOTAVAIL]))
  }

  /// Adds and removes routes inside, in order; other operations are left out.
  ///
  /// One to be removed may be gone by now: the kernel takes it away with the last address.
  func changeRoutes(_ operations: ArraySlice<KernelOperation>) throws(StageError) {
    var rest = operations
    var indexes: [String: UInt32] = [:]
    while !rest.isEmpty {
      var messages: [NetlinkMessage] = []
      for operation in rest.prefix(NetlinkSocket.batchLimit) {
        guard let interface = operation.routeInterface else { continue }
        if indexes[interface] == nil { indexes[interface] = try index(interface, .inside) }
        guard let index = indexes[interface] else { continue }
        if let message = try netlink(try operation.routeMessage(index)) {
          messages.append(message)
        }
      }
      try netlink(try inside.request(messages, tolerating: [ESRCH]))
      rest = rest.dropFirst(NetlinkSocket.batchLimit)
    }
  }
}

extension KernelOperation {
  var isRoute: Bool { routeInterface != nil }

  /// Of a route: where it leads out.
  fileprivate var routeInterface: String? {
    switch self {
    case .addRoute(_, let interface, _), .removeRoute(_, let interface, _): interface
    default: nil
    }
  }

  fileprivate func routeMessage(_ index: UInt32) throws(NetlinkError) -> NetlinkMessage? {
    switch self {
    case .addRoute(let prefix, _, let table):
      try RouteMessage.add(
        destination: prefix, kind: .unicast(outputInterface: index), table: table)
    case .removeRoute(let prefix, _, let table):
      try RouteMessage.delete(
        destination: prefix, kind: .unicast(outputInterface: index), table: table)
    default: nil
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
