internal import GeneratorCore
internal import Glibc
internal import SystemCalls

/// A name for a network namespace as ip-netns(8) knows it: a bind mount below /run/netns.
struct NamedNamespace {
  static let directory = "/run/netns"
  let path: String

  init(_ name: String) {
    path = "\(Self.directory)/\(name)"
  }

  init(path: String) {
    self.path = path
  }

  /// What is at the path now.
  enum Occupant: Equatable {
    case nothing
    /// A file without a namespace: left by a bind that is gone, or by one that never came.
    case plainFile
    case namespace(FileIdentity)
  }

  func occupant() throws(SystemError) -> Occupant {
    guard let status = try fileStatus(path) else { return .nothing }
    do throws(SystemError) {
      return .namespace(try NetworkNamespace(path: path).identity)
    } catch {
      guard error.number == EINVAL, status.kind == .regular, status.size == 0 else { throw error }
      return .plainFile
    }
  }

  /// Gives the calling thread's namespace this name: `ip netns attach NAME PID`.
  func bindCurrent() throws(SystemError) {
    try shareNamespaceDirectory(Self.directory)
    if try occupant() == .nothing { try createFile(path, with: [], mode: 0o444) }
    try bind("/proc/thread-self/ns/net", over: path)
  }

  /// Takes the name away: `ip netns delete NAME`; processes inside keep their namespace.
  func unbind() throws(SystemError) {
    // EINVAL: nothing is mounted there.
    guard unsafe umount2(path, Int32(MNT_DETACH)) == 0 || errno == EINVAL || errno == ENOENT
    else { throw SystemError("umount", path, errno: errno) }
    try removeFile(path)
  }

  /// Whether PID 1 sees the name, and so every service can join the namespace.
  ///
  /// It does not when this process has a mount namespace of its own (systemd/systemd#28686).
  func isSeenByInit() throws(SystemError) -> Bool {
    try isMountPoint(path, in: "/proc/1/mountinfo")
  }
}
