internal import CLinux
internal import Glibc
internal import SystemCalls

/// A network namespace, held open; see network_namespaces(7).
struct NetworkNamespace: ~Copyable {
  private let descriptor: OwnedFileDescriptor
  private let path: String
  let identity: FileIdentity

  /// Opens the namespace bound to `path`.
  ///
  /// Throws `ENOENT` when there is none, and `EINVAL` for a file that is no namespace: binding to
  /// a plain file is what makes a name below /run/netns, and the file stays when the bind is lost.
  init(path: String) throws(SystemError) {
    let descriptor = try OwnedFileDescriptor.open(path, O_RDONLY)
    let identity = try descriptor.status(path).identity
    let isNamespace = clinux_is_namespace(descriptor.rawValue)
    guard isNamespace >= 0 else { throw SystemError("fstatfs", path, errno: -isNamespace) }
    guard isNamespace == 1 else { throw SystemError("setns", path, errno: EINVAL) }
    self.descriptor = descriptor
    self.identity = identity
    self.path = path
  }

  /// The namespace that was recorded; nil when it is gone or its name is another's by now.
  ///
  /// Any other failure is thrown: what is taken for gone is never taken away.
  static func open(_ reference: NamespaceReference) throws(SystemError) -> NetworkNamespace? {
    do throws(SystemError) {
      let namespace = try NetworkNamespace(path: reference.path)
      if namespace.identity == reference.identity { return namespace }
    } catch {
      guard error.isMissing || error.number == EINVAL else { throw error }
    }
    return nil
  }

  /// The calling thread's.
  static func current() throws(SystemError) -> NetworkNamespace {
    try NetworkNamespace(path: "/proc/thread-self/ns/net")
  }

  var rawDescriptor: Int32 { descriptor.rawValue }

  /// Runs `body` in this namespace and comes back.
  ///
  /// setns(2) changes the calling thread only; the stage has one.
  func perform<Result: ~Copyable>(
    _ body: () throws(StageError) -> Result
  ) throws(StageError) -> Result {
    let origin = try system(try NetworkNamespace.current())
    // The stage that names its own namespace is there already, and may lack the right to enter one.
    if origin.identity == identity { return try body() }
    try system(try enter())
    let result: Result
    do throws(StageError) { result = try body() } catch {
      try system(try origin.enter())
      throw error
    }
    try system(try origin.enter())
    return result
  }

  /// The type is given, for RestrictNamespaces= refuses a setns(2) that could be any.
  private func enter() throws(SystemError) {
    let result = clinux_setns(descriptor.rawValue, CLONE_NEWNET)
    guard result == 0 else { throw SystemError("setns", path, errno: -result) }
  }
}

/// Whether the calling thread is in the network namespace of PID 1.
///
/// Reading /proc/1/ns/net takes CAP_SYS_PTRACE. The files below /proc/PID/net belong to a
/// namespace just as well, each namespace has its own, and anybody may look at their inodes.
func isInNamespaceOfInit() throws(SystemError) -> Bool {
  let own = try fileStatus("/proc/thread-self/net/dev")
  let first = try fileStatus("/proc/1/net/dev")
  guard let own, let first else { throw SystemError("stat", "/proc/1/net/dev", errno: ENOENT) }
  return own.identity == first.identity
}
