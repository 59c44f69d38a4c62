import GeneratorCore
import Glibc
import SystemCalls
import Testing

@testable import Stage

/// The resolver's files where they lie: ours go with the VPN, the user's stay.
@Suite(.enabled(if: StageSandbox.isPossible, StageSandbox.reason))
struct ResolverOverlayKernelTests {
  private static let state = "/run/namespaced-wireguard-vpn/work"
  private static let mark =
    "# Written by namespaced-wireguard-vpn for the VPN work, and removed when that stops.\n"
  private static let resolvConf = "\(mark)nameserver 10.64.0.1\n"
  private static let nameServiceSwitch = "\(mark)hosts: files dns\n"

  /// Every file below the directories that hold any of ours.
  private static func files() throws -> [String: String] {
    var found: [String: String] = [:]
    for directory in ["/etc/netns", "/etc/netns/work", state, "\(state)/resolver"] {
      for name in try directoryNames(directory) {
        let path = "\(directory)/\(name)"
        guard try fileStatus(path)?.kind == .regular, name != "netns" else { continue }
        found[path] = String(decoding: try readFile(path, limit: 1 << 22), as: UTF8.self)
      }
    }
    return found
  }

  /// Writes the files as the stage does, and returns the record of them.
  private static func bringUp(_ sandbox: StageSandbox) throws -> StateRecord {
    let instance = try instance(
      "WIREGUARD_IP_ADDRESSES=10.64.0.2/32\nWIREGUARD_DNS=10.64.0.1")
    let overlay = ResolverOverlay(
      instance.name, namespace: instance.namespaceName, state: state)
    let user = try overlay.read()
    let files = ResolverFiles(dns: instance.wireGuard.dns, overlay: user, hostSwitch: nil)
    let current = try sandbox.state()
    var executor = try sandbox.executor()
    try Stage.bringUp(
      .netns, of: instance.name, try overlay.plan(files, beside: user), under: StateRecord(),
      with: &executor, current)
    return try #require(try current.read(.netns))
  }

  private static let ofOurs = [
    "\(state)/resolver/resolv.conf": resolvConf, "\(state)/resolver/stub-resolv.conf": resolvConf,
    "\(state)/nsswitch.conf": nameServiceSwitch, "/etc/netns/work/resolv.conf": resolvConf,
    "/etc/netns/work/nsswitch.conf": nameServiceSwitch,
  ]

  @Test func oursComeAndGo() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        let record = try ResolverOverlayKernelTests.bringUp(sandbox)
        #expect(try ResolverOverlayKernelTests.files() == ResolverOverlayKernelTests.ofOurs)
        try record.undo(mark: linkMark("work"))
        #expect(try ResolverOverlayKernelTests.files() == [:])
        #expect(try directoryNames("/etc") == [])
        #expect(try directoryNames(ResolverOverlayKernelTests.state) == ["netns"])
      }
    }
  }

  @Test func theUsersOwnCountAndStay() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        let mine = "nameserver 10.9.0.1\n"
        try makeDirectories("/etc/netns/work", mode: 0o755)
        try createFile("/etc/netns/work/resolv.conf", with: Array(mine.utf8), mode: 0o644)
        let record = try ResolverOverlayKernelTests.bringUp(sandbox)
        let files = try ResolverOverlayKernelTests.files()
        #expect(files["/etc/netns/work/resolv.conf"] == mine)
        // What services get is a copy, which says whose.
        let copy = "\(ResolverOverlayKernelTests.mark)\(mine)"
        #expect(files["\(ResolverOverlayKernelTests.state)/resolver/resolv.conf"] == copy)
        #expect(
          files["/etc/netns/work/nsswitch.conf"] == ResolverOverlayKernelTests.nameServiceSwitch)
        try record.undo(mark: linkMark("work"))
        #expect(
          try ResolverOverlayKernelTests.files() == ["/etc/netns/work/resolv.conf": mine])
      }
    }
  }

  /// Directories and files of any size are nobody's business but ip-netns(8)'s.
  @Test func otherFilesOfTheUserAreNotRead() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        try makeDirectories("/etc/netns/work/ssl", mode: 0o755)
        let hosts = String(repeating: "0.0.0.0 advertisement.example\n", count: 50_000)
        try createFile("/etc/netns/work/hosts", with: Array(hosts.utf8), mode: 0o644)
        let record = try ResolverOverlayKernelTests.bringUp(sandbox)
        #expect(try ResolverOverlayKernelTests.files().count == 6)
        try record.undo(mark: linkMark("work"))
        #expect(try ResolverOverlayKernelTests.files() == ["/etc/netns/work/hosts": hosts])
        #expect(try directoryNames("/etc/netns/work") == ["hosts", "ssl"])
      }
    }
  }

  /// Somebody put his own file in the place of ours while the VPN ran.
  @Test func aFileWithoutOurMarkIsNotRemoved() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        let record = try ResolverOverlayKernelTests.bringUp(sandbox)
        let path = "/etc/netns/work/resolv.conf"
        try replaceFile(path, with: Array("nameserver 10.9.0.1\n".utf8), mode: 0o644)
        try record.undo(mark: linkMark("work"))
        #expect(try ResolverOverlayKernelTests.files() == [path: "nameserver 10.9.0.1\n"])
      }
    }
  }

  /// As after a power cut: /run is empty, /etc is not.
  @Test func whatACrashLeftIsOurs() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        try makeDirectories("/etc/netns/work", mode: 0o755)
        let old = "\(ResolverOverlayKernelTests.mark)nameserver 10.64.0.99\n"
        try createFile("/etc/netns/work/resolv.conf", with: Array(old.utf8), mode: 0o644)
        let record = try ResolverOverlayKernelTests.bringUp(sandbox)
        #expect(try ResolverOverlayKernelTests.files() == ResolverOverlayKernelTests.ofOurs)
        try record.undo(mark: linkMark("work"))
        #expect(try ResolverOverlayKernelTests.files() == [:])
        #expect(try directoryNames("/etc/netns") == [])
      }
    }
  }

  /// Whoever came first may go first: the last one takes the directory away, if one of them made it.
  @Test(arguments: [false, true]) func theDirectoryOfTwoGoesWithTheLast(isUsers: Bool) async {
    await #expect(processExitsWith: .success) { [isUsers] in
      withSandbox { sandbox in
        if isUsers { try makeDirectories("/etc/netns", mode: 0o755) }
        let first = try ResolverOverlayKernelTests.bringUp(sandbox)
        let second = ResolverOverlay(
          try sandbox.name(), namespace: "other", state: "/run/namespaced-wireguard-vpn/other")
        let files = ResolverFiles(dns: [], overlay: try second.read(), hostSwitch: nil)
        var record = StateRecord()
        var executor = try sandbox.executor()
        try executor.perform(try second.plan(files, beside: try second.read())) { record.note($0) }
        try first.undo(mark: linkMark("work"))
        #expect(try directoryNames("/etc/netns") == ["other"])
        try record.undo(mark: linkMark("other"))
        #expect(try directoryNames("/etc") == (isUsers ? ["netns"] : []))
      }
    }
  }

  /// Attached services do without /etc/netns.
  @Test func aReadOnlyEtcIsLeftAlone() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        let flags = UInt(MS_REMOUNT | MS_RDONLY)
        try #require(unsafe mount("none", "/etc", nil, flags, nil) == 0)
        let overlay = ResolverOverlay(
          try instance().name, namespace: try instance().namespaceName,
          state: ResolverOverlayKernelTests.state)
        #expect(!overlay.isWritable)
        let record = try ResolverOverlayKernelTests.bringUp(sandbox)
        let ours = ResolverOverlayKernelTests.ofOurs.filter { !$0.key.hasPrefix("/etc") }
        #expect(ours.count == 3)
        #expect(try ResolverOverlayKernelTests.files() == ours)
        try record.undo(mark: linkMark("work"))
        #expect(try ResolverOverlayKernelTests.files() == [:])
      }
    }
  }

  /// The record of a half-written file: its temporary name goes, too.
  @Test func aHalfWrittenFileGoes() async {
    await #expect(processExitsWith: .success) {
      withSandbox { _ in
        let record = StateRecord(creations: [
          .directory(path: "/run/d"), .file(path: "/run/d/resolv.conf"),
        ])
        try makeDirectories("/run/d", mode: 0o755)
        try createFile("/run/d/resolv.conf.new", with: [], mode: 0o644)
        try record.undo(mark: linkMark("work"))
        #expect(try fileStatus("/run/d") == nil)
        // Gone already: as good as done.
        try record.undo(mark: linkMark("work"))
        // In use by somebody else: it stays.
        try makeDirectories("/run/d/other", mode: 0o755)
        try record.undo(mark: linkMark("work"))
        #expect(try directoryNames("/run/d") == ["other"])
      }
    }
  }
}
