internal import CLinux
internal import GeneratorCore
internal import Glibc
internal import Netlink
internal import SystemCalls

/// Performs operations and takes back what they made.
///
/// It holds sockets of both namespaces: a netlink socket stays in the one where it was opened, so
/// the thread itself need not move again.
struct KernelExecutor: ~Copyable {
  private let host: NetlinkSocket
  private let inside: NetlinkSocket
  private let namespace: NetworkNamespace
  private let hasInside: Bool
  private let userspaceProgram: String
  /// The process that serves the WireGuard interface, when the kernel cannot.
  private(set) var userspace: UserspaceProcess?

  /// For a stage that works on `namespace` from the one it was started in.
  ///
  /// With `hasInside` false the namespace is gone, and all links in it with it.
  init(
    namespace: consuming NetworkNamespace, hasInside: Bool = true, userspaceProgram: String = ""
  ) throws(StageError) {
    let host = try asStageError { () throws(NetlinkError) in try NetlinkSocket(.route) }
    let inside = try namespace.perform { () throws(StageError) in
      try asStageError { () throws(NetlinkError) in try NetlinkSocket(.route) }
    }
    self.host = host
    self.inside = inside
    self.namespace = namespace
    self.hasInside = hasInside
    self.userspaceProgram = userspaceProgram
  }

  /// Performs `operations` in order; `record` is told of everything before it is made and again
  /// when it is there, so that whoever has the record can undo it.
  mutating func perform(
    _ operations: [KernelOperation], record: (Creation) throws(StageError) -> Void
  ) throws(StageError) {
    for operation in operations {
      for creation in operation.creations { try record(creation) }
      for creation in try perform(operation, record: record) { try record(creation) }
    }
  }

  /// Performs one operation; returns what it made.
  private mutating func perform(
    _ operation: KernelOperation, record: (Creation) throws(StageError) -> Void
  ) throws(StageError) -> [Creation] {
    switch operation {
    case .createWireGuard(let name, let mtu):
      return try createWireGuard(name: name, mtu: mtu, record: record)
    case .configureWireGuard(let configuration): try configure(configuration)
    case .nameNamespace(let path): return [try nameNamespace(path)]
    case .writeSetting(let path, let value):
      try asStageError { () throws(SystemError) in try writeSetting(path, value) }
    case .createVeth(let hostName, let insideName):
      return [try createVeth(host: hostName, inside: insideName)]
    case .addAddress(let prefix, let interface, let side):
      let index = try index(interface, side)
      try request(side) { () throws(NetlinkError) in
        try AddressMessage.add(prefix, interface: index)
      }
    case .mark(let interface, let side, let alias):
      let index = try index(interface, side)
      try request(side) { () throws(NetlinkError) in
        try LinkMessage.set(index: index, alias: alias)
      }
    case .bringUp(let interface, let side):
      let index = try index(interface, side)
      try request(side) { () throws(NetlinkError) in try LinkMessage.set(index: index, up: true) }
    case .addRoute(let prefix, let interface):
      let index = try index(interface, .inside)
      try request(.inside) { () throws(NetlinkError) in
        try RouteMessage.add(destination: prefix, kind: .unicast(outputInterface: index))
      }
    }
    return []
  }

  private func request(
    _ side: Side, _ message: () throws(NetlinkError) -> NetlinkMessage
  ) throws(StageError) {
    try asStageError { () throws(NetlinkError) in
      switch side {
      case .host: try host.request(try message())
      case .inside: try inside.request(try message())
      }
    }
  }

  /// The link of that name; nil when there is none.
  func link(_ name: String, _ side: Side) throws(StageError) -> Link? {
    try asStageError { () throws(NetlinkError) in
      switch side {
      case .host: try host.link(named: name)
      case .inside: hasInside ? try inside.link(named: name) : nil
      }
    }
  }

  private func index(_ name: String, _ side: Side) throws(StageError) -> UInt32 {
    guard let link = try link(name, side) else {
      throw StageError("interface '\(name)' is gone; did somebody remove it?")
    }
    return link.index
  }
}

// What makes an object.
extension KernelExecutor {
  private func nameNamespace(_ path: String) throws(StageError) -> Creation {
    let name = NamedNamespace(path: path)
    return try asStageError { () throws(SystemError) in
      try name.bindCurrent()
      return .namespaceName(
        path: path, try NetworkNamespace(path: path).identity)
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

  private func createVeth(host name: String, inside: String) throws(StageError) -> Creation {
    try request(.host) { () throws(NetlinkError) in
      try LinkMessage.createVeth(
        name: name, peerName: inside, peerNamespace: namespace.rawDescriptor)
    }
    return .link(.host, name: name, index: try index(name, .host))
  }

  private mutating func createWireGuard(
    name: String, mtu: UInt32, record: (Creation) throws(StageError) -> Void
  ) throws(StageError) -> [Creation] {
    do throws(NetlinkError) {
      try host.request(
        try LinkMessage.createWireGuard(name: name, mtu: mtu, namespace: namespace.rawDescriptor))
    } catch {
      // What the kernel answers when it knows no link kind `wireguard` and cannot load its module.
      guard error.number == EOPNOTSUPP else { throw StageError(error) }
      let process = try startUserspace(name: name, mtu: mtu, record: record)
      userspace = process
      return [.process(process), .link(.inside, name: name, index: try index(name, .inside))]
    }
    return [.link(.inside, name: name, index: try index(name, .inside))]
  }

  /// Starts the program, waits until it serves, and moves its interface into the namespace.
  private mutating func startUserspace(
    name: String, mtu: UInt32, record: (Creation) throws(StageError) -> Void
  ) throws(StageError) -> UserspaceProcess {
    var process = UserspaceProcess(
      interfaceName: userspaceInterfaceName(namespace.identity), identity: nil)
    try record(.process(process))
    do throws(SystemError) { try process.start(userspaceProgram) } catch {
      guard error.isMissing else { throw StageError(error) }
      throw StageError(
        "this kernel has no WireGuard, and there is no program '\(userspaceProgram)' to stand in;"
          + " install the package wireguard-go, or a kernel with the module wireguard")
    }
    try record(.process(process))
    let link = try awaitInterface(of: process)
    // The MTU first: the program hears of changes only while the interface is in its namespace.
    try request(.host) { () throws(NetlinkError) in
      try LinkMessage.set(index: link.index, mtu: mtu)
    }
    let descriptor = namespace.rawDescriptor
    try request(.host) { () throws(NetlinkError) in
      try LinkMessage.set(index: link.index, name: name, namespace: descriptor)
    }
    return process
  }

  /// Waits at most ten seconds for the interface and the socket that configures it.
  private func awaitInterface(of process: UserspaceProcess) throws(StageError) -> Link {
    for _ in 0..<500 {
      let socket = try asStageError { () throws(SystemError) in
        try fileStatus(process.socketPath)
      }
      if socket != nil, let link = try link(process.interfaceName, .host) { return link }
      guard process.isRunning else {
        throw StageError("'\(userspaceProgram)' ended at once; may it use /dev/net/tun?")
      }
      usleep(20_000)
    }
    throw StageError("'\(userspaceProgram)' made no interface within ten seconds")
  }

  private func configure(_ configuration: WireGuardConfiguration) throws(StageError) {
    if let userspace {
      return try asStageError { () throws(SystemError) in
        try UserspaceConfiguration.send(
          UserspaceConfiguration.request(configuration), to: userspace.socketPath)
      }
    }
    try namespace.perform { () throws(StageError) in
      try asStageError { () throws(NetlinkError) in
        let socket = try NetlinkSocket(.generic)
        let name = WireGuardMessage.familyName
        guard let family = try GenericFamily.resolve(name, over: socket) else {
          throw NetlinkError("looking up generic netlink family '\(name)'", errno: ENOENT)
        }
        try socket.configureWireGuard(configuration, family: family)
      }
    }
  }
}

/// A name that no other interface on the host has: from the namespace's inode, which no two have.
private func userspaceInterfaceName(_ identity: FileIdentity) -> String {
  "nswg-\(String(identity.inode, radix: 16))"
}

// Taking back.
extension KernelExecutor {
  /// Undoes one creation; what is gone already, or is another's by now, is left as it is.
  ///
  /// `mark` tells a link that was recorded before its index was known from one that somebody else
  /// made under the same name.
  func undo(_ creation: Creation, mark: String?) throws(StageError) {
    switch creation {
    case .link(let side, let name, let index):
      guard let link = try link(name, side), index == nil || link.index == index,
        index != nil || link.alias == nil || link.alias == mark
      else { return }
      try request(side) { () throws(NetlinkError) in LinkMessage.delete(index: link.index) }
    case .namespaceName, .process: try undoOutsideNamespaces(creation)
    }
  }
}

/// Undoes what needs no open namespace.
func undoOutsideNamespaces(_ creation: Creation) throws(StageError) {
  try asStageError { () throws(SystemError) in
    switch creation {
    case .link: break
    case .process(let process): try process.stop()
    case .namespaceName(let path, let identity):
      let name = NamedNamespace(path: path)
      switch try name.occupant() {
      case .nothing: break
      // Ours as far as we got: had it been there before, `up` would have refused.
      case .plainFile: try name.unbind()
      case .namespace(let found): if identity == nil || found == identity { try name.unbind() }
      }
    }
  }
}
