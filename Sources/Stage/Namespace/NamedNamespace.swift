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
    try Self.shareDirectory()
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

  /// Makes /run/netns a shared mount, so that a bind below it is seen in every mount namespace.
  ///
  /// ip-netns(8) does the same. Of two that do it at once both would stack a mount
  /// (systemd/systemd#2741), so it is done under a lock.
  private static func shareDirectory() throws(SystemError) {
    try makeDirectories(directory, mode: 0o755)
    let lock = try OwnedFileDescriptor.open(directory, O_RDONLY | O_DIRECTORY)
    guard retryOnInterrupt({ flock(lock.rawValue, LOCK_EX) }) == 0 else {
      throw SystemError("flock", directory, errno: errno)
    }
    let isMounted = try isMountPoint(directory, in: "/proc/thread-self/mountinfo")
    if !isMounted { try bind(directory, over: directory, recursively: true) }
    guard unsafe mount("", directory, "none", UInt(MS_SHARED | MS_REC), nil) == 0 else {
      throw SystemError("mount", directory, errno: errno)
    }
  }

  /// Whether PID 1 sees the name, and so every service can join the namespace.
  ///
  /// It does not when this process has a mount namespace of its own (systemd/systemd#28686).
  func isSeenByInit() throws(SystemError) -> Bool {
    try isMountPoint(path, in: "/proc/1/mountinfo")
  }
}

private func bind(
  _ source: String, over target: String, recursively: Bool = false
) throws(SystemError) {
  let flags = recursively ? MS_BIND | MS_REC : MS_BIND
  guard unsafe mount(source, target, "none", UInt(flags), nil) == 0 else {
    throw SystemError("mount", target, errno: errno)
  }
}

/// Whether a mountinfo file, proc(5), has a line for `path`, its fifth field; ours need no unescaping.
///
/// Byte by byte: the file has a line for every namespace that is up, and more.
private func isMountPoint(_ path: String, in file: String) throws(SystemError) -> Bool {
  let bytes = try readFile(file, limit: 1 << 26)
  var field = 1
  var start = 0
  for (position, byte) in bytes.enumerated()
  where byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") {
    if field == 5 && bytes[start..<position].elementsEqual(path.utf8) { return true }
    field = byte == UInt8(ascii: "\n") ? 1 : field + 1
    start = position + 1
  }
  return false
}
