import CLinux
import GeneratorCore
import Glibc
import Netlink
import SystemCalls
import Testing

@testable import Stage

/// A place to run stages for real: mount and network namespaces, a /run and an /etc of its own.
///
/// For exit tests only: the process stays in it.
struct StageSandbox {
  static let isPossible = geteuid() == 0 || environmentVariable("NSWG_NO_SKIP") == "1"
  static let reason: Comment = "making namespaces takes root"

  /// The namespace that plays the VPN's, bound to `/run/netns/work`.
  let namespace: NamespaceReference

  /// Leaves the thread in a network namespace that plays the host's.
  init() throws {
    try Self.check(clinux_unshare(Int32(CLONE_NEWNS)))
    guard unsafe mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0,
      unsafe mount("tmpfs", "/run", "tmpfs", 0, nil) == 0,
      unsafe mount("tmpfs", "/etc", "tmpfs", 0, nil) == 0
    else { throw SystemError("mount", "/run", errno: errno) }
    try Self.check(clinux_unshare(Int32(CLONE_NEWNET)))
    let name = NamedNamespace("work")
    try name.bindCurrent()
    guard case .namespace(let identity) = try name.occupant() else {
      throw SystemError("mount", name.path, errno: ENOENT)
    }
    namespace = NamespaceReference(path: name.path, identity: identity)
    try Self.check(clinux_unshare(Int32(CLONE_NEWNET)))
  }

  private static func check(_ result: Int32) throws {
    if result < 0 { throw SystemError("unshare", "", errno: -result) }
  }

  /// As the netns stage would have left it.
  func recordNamespace() throws {
    let state = try self.state()
    try state.write(
      StateRecord(
        namespace: nil, creations: [.namespaceName(path: namespace.path, namespace.identity)]),
      of: .netns)
  }

  func name() throws -> InstanceName { try #require(InstanceName("work")) }

  func state() throws -> StateDirectory {
    try StateDirectory(try name(), root: "/run/namespaced-wireguard-vpn")
  }

  func executor() throws -> KernelExecutor {
    try KernelExecutor(namespace: try NetworkNamespace(path: namespace.path))
  }

  /// Names of the links of a side.
  func links(_ side: Side) throws -> [String] {
    let names = { () throws -> [String] in try NetlinkSocket(.route).links().map(\.name).sorted() }
    if side == .host { return try names() }
    var found: [String] = []
    try NetworkNamespace(path: namespace.path).perform { () throws(StageError) in
      found = (try? names()) ?? []
    }
    return found
  }
}

/// What nft(8) lists in the calling thread's namespace, a line each, without the blanks around it.
func ruleset() throws -> [String] {
  guard let pipe = unsafe popen("nft list ruleset", "r") else {
    throw SystemError("popen", "nft", errno: errno)
  }
  var text: [UInt8] = []
  while case let byte = unsafe getc(pipe), byte != EOF {
    text.append(UInt8(truncatingIfNeeded: byte))
  }
  let status = unsafe pclose(pipe)
  try #require(status == 0)
  return String(decoding: text, as: UTF8.self).split(separator: "\n").map { line in
    let words = line.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
    // Without /etc/protocols they have no names.
    return words.replacing("{ 6, 17 }", with: "{ tcp, udp }")
  }
}

/// Runs `body` in a sandbox, and shows an error that would end the process unread.
func withSandbox(_ body: (StageSandbox) throws -> Void) {
  do { try body(StageSandbox()) } catch { Issue.record(error) }
}
