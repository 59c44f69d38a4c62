import GeneratorCore
import SystemCalls
import Testing

@testable import Stage

/// The guard against a record: in the VPN's namespace, in another, in the host's, without a VPN.
@Suite(.enabled(if: StageSandbox.isPossible, StageSandbox.reason))
struct GuardTests {
  /// What the guard says; nil when it lets the service start.
  private static func complaint(_ name: String = "work") -> String? {
    do throws(StageError) {
      guard let name = InstanceName(name) else { return "no name" }
      try assertInside(name, stateRoot: "/run/namespaced-wireguard-vpn")
      return nil
    } catch { return error.description }
  }

  @Test func onlyTheVPNsOwnNamespaceWillDo() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        #expect(
          GuardTests.complaint() == "the VPN is not up: there is no"
            + " '/run/namespaced-wireguard-vpn/work/netns'; not starting outside of it")
        try sandbox.recordNamespace()
        #expect(
          GuardTests.complaint() == "this service runs in another network namespace and not in"
            + " '/run/netns/work'; not starting it. systemd logs why it could not join, and"
            + " NetworkNamespacePath= must be '/run/netns/work'")
        try NetworkNamespace(path: sandbox.namespace.path).perform { () throws(StageError) in
          #expect(GuardTests.complaint() == nil)
          #expect(GuardTests.complaint("home") != nil)
        }
      }
    }
  }

  /// The name alone proves nothing: after a restart of the VPN it is another's.
  @Test func theNamespaceOfAnEarlierStartWillNot() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        let old = try NetworkNamespace(path: sandbox.namespace.path)
        try NamedNamespace(path: sandbox.namespace.path).unbind()
        let name = NamedNamespace("work")
        try name.bindCurrent()
        guard case .namespace(let identity) = try name.occupant() else { return }
        try sandbox.state().write(
          StateRecord(creations: [.namespaceName(path: name.path, identity)]), of: .netns)
        #expect(GuardTests.complaint() == nil)
        try old.perform { () throws(StageError) in #expect(GuardTests.complaint() != nil) }
      }
    }
  }

  @Test func aRecordWithoutANamespaceIsNotReady() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        let record = StateRecord(attachedUnits: ["a.service"])
        try sandbox.state().write(record, of: .netns)
        #expect(
          GuardTests.complaint()
            == "the VPN's namespace is not ready; not starting outside of it")
      }
    }
  }

  /// 1 to 254 of a condition would only skip the service, and count as success; systemd.service(5).
  @Test func inTheHostsNamespaceItFailsWith255() async {
    await #expect(processExitsWith: .success) {
      let home = try NetworkNamespace.current()
      withSandbox { sandbox in
        try sandbox.recordNamespace()
        let work = try #require(InstanceName("work"))
        var events: [StageEvent] = []
        let status = try home.perform { () throws(StageError) in
          StageRunner(emit: { events.append($0) }).run(.assert(work))
        }
        #expect(status == 255)
        let text =
          "guard of 'work': this service runs in the host's network namespace and not in"
          + " '/run/netns/work'; not starting it. systemd logs why it could not join, and"
          + " NetworkNamespacePath= must be '/run/netns/work'"
        #expect(
          events == [.status(text), .entry(JournalEntry(.error, .outside, text))])
        try NetworkNamespace(path: sandbox.namespace.path).perform { () throws(StageError) in
          #expect(StageRunner(emit: { _ in }).run(.assert(work)) == 0)
        }
      }
    }
  }
}
