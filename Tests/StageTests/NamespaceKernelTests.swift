import CLinux
import GeneratorCore
import Glibc
import SystemCalls
import Testing

@testable import Stage

/// Namespaces and their names, in real ones.
@Suite(.enabled(if: StageSandbox.isPossible, StageSandbox.reason))
struct NamespaceKernelTests {
  @Test func tellsTheNamespaceOfInitFromAnother() async throws {
    #expect(try isInNamespaceOfInit())
    await #expect(processExitsWith: .success) {
      withSandbox { _ in
        let isHost = try isInNamespaceOfInit()
        #expect(!isHost)
      }
    }
  }

  @Test func occupantsOfAName() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        #expect(try NamedNamespace("none").occupant() == .nothing)
        try createFile("/run/netns/plain", with: [], mode: 0o444)
        #expect(try NamedNamespace("plain").occupant() == .plainFile)
        #expect(try NamedNamespace("work").occupant() == .namespace(sandbox.namespace.identity))
        try NamedNamespace("work").unbind()
        #expect(try NamedNamespace("work").occupant() == .nothing)
        // Nothing is there any more: as good as done.
        try NamedNamespace("work").unbind()
      }
    }
  }

  /// As when a unit has a mount namespace of its own: nobody else would see the name.
  @Test func aNameThatInitCannotSeeIsTakenBack() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        let stage = NetnsStage(
          try instance("WIREGUARD_IP_ADDRESSES=10.0.0.2/32\nNETNS_NAME=unseen"), emit: { _ in })
        let error = #expect(throws: StageError.self) { _ = try stage.up(try sandbox.state()) }
        #expect(error?.description.contains("cannot be seen from outside this unit") == true)
        #expect(try NamedNamespace("unseen").occupant() == .nothing)
        #expect(try sandbox.state().read(.netns) == nil)
      }
    }
  }

  @Test func aForeignNamespaceIsRefusedAndStays() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        let stage = NetnsStage(try instance(), emit: { _ in })
        let error = #expect(throws: StageError.self) { _ = try stage.up(try sandbox.state()) }
        #expect(
          error?.description == "'/run/netns/work' is there already and was not made for this VPN;"
            + " remove it with 'ip netns delete work', or choose another name with NETNS_NAME=")
        #expect(try NamedNamespace("work").occupant() == .namespace(sandbox.namespace.identity))
      }
    }
  }

  @Test func theHostsOwnNamespaceIsNeverNamed() throws {
    var events: [StageEvent] = []
    let stage = NetnsStage(
      try instance("WIREGUARD_IP_ADDRESSES=10.0.0.2/32"), emit: { events.append($0) })
    let error = #expect(throws: StageError.self) {
      let name = try #require(InstanceName("work"))
      let root = "/tmp/nswg-test-\(getpid())"
      defer { _ = unsafe rmdir("\(root)/work") + rmdir(root) }
      _ = try stage.up(try StateDirectory(name, root: root))
    }
    #expect(
      error?.description.hasPrefix("this process is in the host's network namespace") == true)
    #expect(events == [])
  }

  @Test func oneStageOfAnInstanceAtATime() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        let held = try sandbox.state()
        let other = try OwnedFileDescriptor.open(
          "/run/namespaced-wireguard-vpn/work", O_RDONLY | O_DIRECTORY)
        #expect(flock(other.rawValue, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        try held.removeIfEmpty()
      }
    }
  }
}
