internal import GeneratorCore
internal import Netlink
internal import SystemCalls

/// The WireGuard interface of a VPN that is up, and the way to it.
struct RunningInterface: ~Copyable {
  /// What the wg stage made.
  let record: StateRecord
  let namespace: NamespaceReference
  let name: String
  /// Nil when making it was cut short.
  let index: UInt32?
  var executor: KernelExecutor

  init(of instance: InstanceName, _ state: borrowing StateDirectory) throws(StageError) {
    guard let record = try system(try state.read(.wg)), let link = record.wireGuardLink else {
      throw StageError("the interface is not up; start \(instance.service(.wg)) first")
    }
    let namespace = try recordedNamespace(of: instance, state)
    executor = try KernelExecutor(
      namespace: try openNamespace(namespace), userspace: record.process)
    self.record = record
    self.namespace = namespace
    name = link.name
    index = link.index
  }

  /// Its keys, port, mark and peers.
  func device() throws(StageError) -> WireGuardDevice { try executor.wireGuardDevice(name) }

  /// Whether it has an IPv6 address.
  func hasIPv6() throws(StageError) -> Bool {
    try netlink(try executor.inside.addresses()).contains {
      $0.interfaceIndex == index && $0.prefix.family == .ipv6
    }
  }
}

extension StateRecord {
  /// The interface that the wg stage made; its index is nil when that was cut short.
  fileprivate var wireGuardLink: (name: String, index: UInt32?)? {
    for case .link(.inside, let name, let index) in creations { return (name, index) }
    return nil
  }
}
