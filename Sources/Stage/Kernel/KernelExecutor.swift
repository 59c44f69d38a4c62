internal import Glibc
internal import Netlink
internal import SystemCalls

/// Performs operations, and takes back what they made.
///
/// It holds sockets of both namespaces: a netlink socket stays in the one where it was opened, so
/// the thread itself need not move again.
struct KernelExecutor: ~Copyable {
  let host: NetlinkSocket
  let inside: NetlinkSocket
  let namespace: NetworkNamespace
  private let hasInside: Bool
  let userspaceProgram: String
  /// The process that serves the WireGuard interface, when the kernel cannot.
  var userspace: UserspaceProcess?
  private let known = KnownIndexes()

  /// For a stage that works on `namespace` from the one it was started in.
  ///
  /// With `hasInside` false the namespace is gone, and all links in it with it.
  init(
    namespace: consuming NetworkNamespace, hasInside: Bool = true, userspaceProgram: String = "",
    userspace: UserspaceProcess? = nil
  ) throws(StageError) {
    let host = try netlink(try NetlinkSocket(.route))
    let inside = try namespace.perform { () throws(StageError) in
      try netlink(try NetlinkSocket(.route))
    }
    self.host = host
    self.inside = inside
    self.namespace = namespace
    self.hasInside = hasInside
    self.userspaceProgram = userspaceProgram
    self.userspace = userspace
  }

  /// Performs `operations` in order.
  ///
  /// `record` is told of everything before it is made and again when it is there, so that whoever
  /// has the record can undo it.
  mutating func perform(
    _ operations: [KernelOperation], record: (Creation) throws(StageError) -> Void
  ) throws(StageError) {
    var rest = operations[...]
    while let operation = rest.first {
      // A route for each network of each peer: there can be tens of thousands in a row.
      let routes = rest.prefix(while: \.isRoute)
      guard routes.isEmpty else {
        try changeRoutes(routes)
        rest = rest.dropFirst(routes.count)
        continue
      }
      for creation in operation.creations { try record(creation) }
      try perform(operation, record: record)
      rest = rest.dropFirst()
    }
  }

  private mutating func perform(
    _ operation: KernelOperation, record: (Creation) throws(StageError) -> Void
  ) throws(StageError) {
    switch operation {
    case .nameNamespace(let path):
      try record(.namespaceName(path: path, namespace.identity))
      try system(try NamedNamespace(path: path).bindCurrent())
    case .writeSetting(let path, let value, let side): try write(setting: path, value, side)
    case .createWireGuard(let name, let mtu):
      try createWireGuard(name: name, mtu: mtu, record: record)
    case .configureWireGuard(let configuration): try configure(configuration)
    case .createVeth(let hostName, let insideName):
      try record(try createVeth(host: hostName, inside: insideName))
    case .addAddress(let prefix, let interface, let side):
      let index = try index(interface, side)
      try request(try AddressMessage.add(prefix, interface: index), side)
    case .removeAddress(let prefix, let interface): try removeAddress(prefix, interface)
    case .setMTU(let mtu, let interface):
      let index = try index(interface, .inside)
      try request(try LinkMessage.set(index: index, mtu: mtu), .inside)
    case .mark(let interface, let side, let alias):
      let index = try index(interface, side)
      try request(try LinkMessage.set(index: index, alias: alias), side)
    case .bringUp(let interface, let side):
      let index = try index(interface, side)
      try request(try LinkMessage.set(index: index, up: true), side)
    case .addUnreachableDefault(let family): try addUnreachableDefault(family)
    case .loadTable(let side, let table): try load(table, side)
    case .makeDirectory(let path, let mode):
      try system(try makeDirectories(path, mode: mode_t(mode)))
    case .writeFile(let path, let text):
      try system(try replaceFile(path, with: Array(text.utf8), mode: 0o644))
    case .rewriteFile(let path, let text):
      try system(try rewriteFile(path, with: Array(text.utf8)))
    case .forward(let interface, let user):
      try system(try InterfaceForwarding(interface, user: user).take())
    case .addRoute, .removeRoute: try changeRoutes([operation])
    }
  }

  /// Sends a request to the kernel in the namespace of `side`.
  func request(
    _ message: @autoclosure () throws(NetlinkError) -> NetlinkMessage, _ side: Side
  ) throws(StageError) {
    try netlink(try send(try message(), side))
  }

  func send(_ message: NetlinkMessage, _ side: Side) throws(NetlinkError) {
    switch side {
    case .host: try host.request(message)
    case .inside: try inside.request(message)
    }
  }

  /// Deletes a link; its index stands for no other, so that one that is gone by now is fine: the
  /// end of a namespace takes both ends of a pair away in its own time.
  func delete(_ link: Link, _ side: Side) throws(StageError) {
    do throws(NetlinkError) {
      try send(LinkMessage.delete(index: link.index), side)
    } catch {
      guard error.number == ENODEV else { throw StageError(error) }
    }
  }

  /// The link of that name; nil when there is none.
  func link(_ name: String, _ side: Side) throws(StageError) -> Link? {
    switch side {
    case .host: try netlink(try host.link(named: name))
    case .inside: hasInside ? try netlink(try inside.link(named: name)) : nil
    }
  }

  func index(_ name: String, _ side: Side) throws(StageError) -> UInt32 {
    if let index = known.find(name, side) { return index }
    guard let link = try link(name, side) else {
      throw StageError("interface '\(name)' is gone; did somebody remove it?")
    }
    known.list.append((name, side, link.index))
    return link.index
  }
}

/// Indexes of interfaces that were asked for by name: most operations are about the same one or two.
///
/// An index stands for no other interface as long as the namespace is there.
private final class KnownIndexes {
  var list: [(name: String, side: Side, index: UInt32)] = []

  func find(_ name: String, _ side: Side) -> UInt32? {
    list.first { $0.side == side && $0.name == name }?.index
  }
}
