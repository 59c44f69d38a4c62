import CLinux
import Glibc
import SystemCalls
import Testing

@testable import Stage

/// The mount that the names of namespaces lie in, seen from mount namespaces that are older than it.
@Suite(.enabled(if: StageSandbox.isPossible, StageSandbox.reason))
struct NamespaceDirectoryTests {
  @Test func aNameIsMountedOnceAndOlderMountNamespacesSeeIt() async {
    await #expect(processExitsWith: .success) {
      withOlderMountNamespace { older in
        let name = NamedNamespace("work")
        try name.bindCurrent()
        #expect(try mounts(of: name.path) == 1)
        #expect(try older.perform { try mounts(of: name.path) } == 1)
        let seen = try older.perform { try name.occupant() }
        #expect(try seen == name.occupant())

        try name.unbind()
        #expect(try mounts(of: name.path) == 0)
        #expect(try older.perform { try mounts(of: name.path) } == 0)
      }
    }
  }

  /// As ip(8) makes the directory: what the other test would see.
  @Test func inTheGroupOfPeersOfRunEachNameIsMountedTwice() async {
    await #expect(processExitsWith: .success) {
      withOlderMountNamespace { older in
        try makeDirectories(NamedNamespace.directory, mode: 0o755)
        try bind(NamedNamespace.directory, over: NamedNamespace.directory, recursively: true)
        let name = NamedNamespace("work")
        try name.bindCurrent()
        #expect(try mounts(of: name.path) == 2)
        #expect(try older.perform { try mounts(of: name.path) } == 2)
      }
    }
  }

  @Test func theDirectoryIsMountedOnce() async {
    await #expect(processExitsWith: .success) {
      withOlderMountNamespace { _ in
        try NamedNamespace("work").bindCurrent()
        try NamedNamespace("home").bindCurrent()
        #expect(try mounts(of: NamedNamespace.directory) == 1)
      }
    }
  }
}

/// How many lines of mountinfo, proc(5), are of `path`.
private func mounts(of path: String) throws -> Int {
  String(decoding: try readFile("/proc/thread-self/mountinfo", limit: 1 << 20), as: UTF8.self)
    .split(separator: "\n").count { $0.split(separator: " ")[4] == path }
}

/// A mount namespace that was copied before the directory was mounted, and gets mounts from there.
private struct OlderMountNamespace: ~Copyable {
  private let own: OwnedFileDescriptor
  private let other: OwnedFileDescriptor

  /// Leaves the thread in a mount namespace whose /run is shared, as it is under systemd.
  init() throws {
    try Self.enterNew(MS_PRIVATE)
    guard unsafe mount("tmpfs", "/run", "tmpfs", 0, nil) == 0,
      unsafe mount("none", "/run", nil, UInt(MS_SHARED), nil) == 0
    else { throw SystemError("mount", "/run", errno: errno) }
    let first = try OwnedFileDescriptor.open("/proc/thread-self/ns/mnt", O_RDONLY)
    try Self.enterNew(MS_SLAVE)
    let second = try OwnedFileDescriptor.open("/proc/thread-self/ns/mnt", O_RDONLY)
    try Self.enter(first)
    own = first
    other = second
  }

  func perform<Value>(_ body: () throws -> Value) throws -> Value {
    try Self.enter(other)
    let value = try body()
    try Self.enter(own)
    return value
  }

  private static func enterNew(_ propagation: Int) throws {
    let result = clinux_unshare(Int32(CLONE_NEWNS))
    guard result == 0 else { throw SystemError("unshare", "", errno: -result) }
    guard unsafe mount("none", "/", nil, UInt(MS_REC | propagation), nil) == 0 else {
      throw SystemError("mount", "/", errno: errno)
    }
  }

  private static func enter(_ namespace: borrowing OwnedFileDescriptor) throws {
    let result = clinux_setns(namespace.rawValue, Int32(CLONE_NEWNS))
    guard result == 0 else { throw SystemError("setns", "", errno: -result) }
  }
}

private func withOlderMountNamespace(_ body: (borrowing OlderMountNamespace) throws -> Void) {
  do { try body(OlderMountNamespace()) } catch { Issue.record(error) }
}
