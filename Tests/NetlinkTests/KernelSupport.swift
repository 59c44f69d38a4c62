import CLinux
import Glibc
import Netlink
import SystemCalls
import Testing

/// What the machine lets a test do.
///
/// With `NSWG_NO_SKIP=1` in the environment a test that cannot run fails instead of being skipped.
enum KernelSupport {
  static let canUnshare = mustNotSkip || geteuid() == 0
  static let unshareReason: Comment = "making network namespaces takes root"

  static let hasWireGuard = mustNotSkip || (geteuid() == 0 && canCreateWireGuard())
  static let wireGuardReason: Comment =
    "RTM_NEWLINK for kind 'wireguard' answers EOPNOTSUPP: this kernel has no WireGuard module"

  private static let mustNotSkip = environmentVariable("NSWG_NO_SKIP") == "1"

  /// Tries in a namespace of its own; a failure other than `EOPNOTSUPP` is for the test to show.
  private static func canCreateWireGuard() -> Bool {
    guard let home = try? openNamespace(), clinux_unshare(Int32(CLONE_NEWNET)) == 0 else {
      return true
    }
    defer {
      // A thread left in an empty namespace would spoil the tests that run on it later.
      precondition(clinux_setns(home.rawValue, Int32(CLONE_NEWNET)) == 0)
    }
    do throws(NetlinkError) {
      try NetlinkSocket(.route).request(LinkMessage.createWireGuard(name: "probe"))
    } catch {
      return error.number != EOPNOTSUPP
    }
    return true
  }
}

/// The namespace of the calling thread.
func openNamespace() throws(SystemError) -> OwnedFileDescriptor {
  // /proc/self would be the main thread's.
  try OwnedFileDescriptor.open("/proc/thread-self/ns/net", O_RDONLY)
}

/// Two empty network namespaces, each with its sockets.
struct TwoNamespaces: ~Copyable {
  /// In the first, where the thread is.
  let here: NetlinkSocket
  let there: NetlinkSocket
  let genericThere: NetlinkSocket
  /// A descriptor of the second namespace.
  let thereDescriptor: OwnedFileDescriptor

  fileprivate init() throws {
    try Self.unshare()
    let thereDescriptor = try openNamespace()
    let there = try NetlinkSocket(.route)
    let genericThere = try NetlinkSocket(.generic)
    try Self.unshare()
    here = try NetlinkSocket(.route)
    self.thereDescriptor = thereDescriptor
    self.there = there
    self.genericThere = genericThere
  }

  private static func unshare() throws(SystemError) {
    let result = clinux_unshare(Int32(CLONE_NEWNET))
    if result < 0 { throw SystemError("unshare", "", errno: -result) }
  }
}

/// Runs `body` with the thread in the first of two new namespaces, where it stays.
///
/// For exit tests only, and there it also shows an error that would end the process unread.
func withTwoNamespaces(_ body: (borrowing TwoNamespaces) throws -> Void) {
  do {
    try body(TwoNamespaces())
  } catch {
    Issue.record(error)
  }
}

/// A veth pair: `host` here, `init` there, both up, with an address of each family here.
struct VethPair: ~Copyable {
  let here: NetlinkSocket
  let there: NetlinkSocket
  let thereDescriptor: OwnedFileDescriptor
  let host: UInt32

  fileprivate init() throws {
    let namespaces = try TwoNamespaces()
    try namespaces.here.request(
      LinkMessage.createVeth(
        name: "host", mtu: 1400, peerName: "init",
        peerNamespace: namespaces.thereDescriptor.rawValue))
    let host = try #require(try namespaces.here.link(named: "host")).index
    let peer = try #require(try namespaces.there.link(named: "init")).index
    try namespaces.here.request(LinkMessage.set(index: host, up: true))
    try namespaces.there.request(LinkMessage.set(index: peer, up: true))
    for text in ["10.127.0.1/30", "fd00::1/64"] {
      try namespaces.here.request(AddressMessage.add(prefix(text), interface: host))
    }
    here = namespaces.here
    there = namespaces.there
    thereDescriptor = namespaces.thereDescriptor
    self.host = host
  }
}

/// As ``withTwoNamespaces(_:)``, with a veth pair between the two.
func withVethPair(_ body: (borrowing VethPair) throws -> Void) {
  do {
    try body(VethPair())
  } catch {
    Issue.record(error)
  }
}
