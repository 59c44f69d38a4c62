import GeneratorCore
import Glibc
import Netlink
import SystemCalls
import Testing

@testable import Stage

/// Forwarding of the host's interfaces: switched on for whom, and off again by the last.
@Suite(.enabled(if: StageSandbox.isPossible, StageSandbox.reason))
struct ForwardingKernelTests {
  private static let users = "/run/namespaced-wireguard-vpn/.forwarding"

  private static func setting(_ interface: String) throws -> String {
    let path = "/proc/sys/net/ipv4/conf/\(interface)/forwarding"
    return String(decoding: try readFile(path, limit: 16).dropLast(), as: UTF8.self)
  }

  /// An interface of the host's, with forwarding as said.
  private static func addInterface(_ name: String, forwarding: String) throws {
    let here = try NetworkNamespace.current()
    try NetlinkSocket(.route).request(
      LinkMessage.createVeth(
        name: name, peerName: "\(name)-x", peerNamespace: here.rawDescriptor))
    try overwriteFile("/proc/sys/net/ipv4/conf/\(name)/forwarding", with: forwarding)
  }

  private static func use(_ interface: String, _ name: String) -> InterfaceForwarding {
    InterfaceForwarding(interface, user: "\(users)/\(interface)/\(name)")
  }

  @Test(arguments: ["0", "1"]) func theLastUserPutsBackWhatWasThere(before: String) async {
    await #expect(processExitsWith: .success) { [before] in
      withSandbox { _ in
        try ForwardingKernelTests.addInterface("lan0", forwarding: before)
        let first = ForwardingKernelTests.use("lan0", "a")
        let second = ForwardingKernelTests.use("lan0", "b")
        #expect(try first.wasOff() == (before == "0"))
        try first.take()
        #expect(try ForwardingKernelTests.setting("lan0") == "1")
        // What was there before the first is what counts for the second.
        #expect(try second.wasOff() == (before == "0"))
        try second.take()
        try first.release()
        #expect(try ForwardingKernelTests.setting("lan0") == "1")
        #expect(try directoryNames(ForwardingKernelTests.users) == ["lan0"])
        try second.release()
        #expect(try ForwardingKernelTests.setting("lan0") == before)
        #expect(try fileStatus(ForwardingKernelTests.users) == nil)
      }
    }
  }

  /// As after a crash: the same user again, and a release of what was never taken.
  @Test func takenTwiceAndReleasedTwice() async {
    await #expect(processExitsWith: .success) {
      withSandbox { _ in
        try ForwardingKernelTests.addInterface("lan0", forwarding: "0")
        let user = ForwardingKernelTests.use("lan0", "a")
        try user.release()
        #expect(try ForwardingKernelTests.setting("lan0") == "0")
        try user.take()
        try user.take()
        #expect(try ForwardingKernelTests.setting("lan0") == "1")
        try user.release()
        try user.release()
        #expect(try ForwardingKernelTests.setting("lan0") == "0")
        #expect(try fileStatus(ForwardingKernelTests.users) == nil)
      }
    }
  }

  @Test func anInterfaceThatIsNotThereOrGoes() async {
    await #expect(processExitsWith: .success) {
      withSandbox { _ in
        let user = ForwardingKernelTests.use("lan0", "a")
        #expect(try user.wasOff() == nil)
        try user.take()
        try user.release()
        try ForwardingKernelTests.addInterface("lan0", forwarding: "0")
        try user.take()
        let socket = try NetlinkSocket(.route)
        let index = try #require(try socket.link(named: "lan0")).index
        try socket.request(LinkMessage.delete(index: index))
        try user.release()
        #expect(try fileStatus(ForwardingKernelTests.users) == nil)
      }
    }
  }

  private static func tunnel() throws -> Instance {
    try instance(
      "WIREGUARD_IP_ADDRESSES=10.64.0.2/32\nTUNNEL_PORT_FORWARDS=lan0:80/tcp,lan1:80/tcp")
  }

  @Test func aTunnelWithForwardsGoesUpAndLeavesNothing() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        try sandbox.recordNamespace()
        try ForwardingKernelTests.addInterface("lan0", forwarding: "0")
        try ForwardingKernelTests.addInterface("lan1", forwarding: "1")
        let links = try sandbox.links(.host)
        let stage = TunnelStage(try ForwardingKernelTests.tunnel(), subnet: nil, emit: { _ in })
        // Twice: the second replaces what the first made.
        _ = try stage.up(try sandbox.state())
        _ = try stage.up(try sandbox.state())
        for interface in ["lan0", "lan1", "veth-work0"] {
          #expect(try ForwardingKernelTests.setting(interface) == "1")
        }
        #expect(try ForwardingKernelTests.setting("all") == "0")
        let rules = try ruleset()
        #expect(rules.contains("table inet namespaced-wireguard-vpn-forward-work {"))
        // Closed is only what was closed before.
        #expect(rules.contains(#"meta nfproto ipv4 iifname "lan0" drop"#))
        #expect(!rules.contains { $0.hasSuffix(#"iifname "lan1" drop"#) })
        #expect(rules.count { $0.contains("tcp dport 80 dnat ip to 10.127.") } == 2)

        let record = try #require(try sandbox.state().read(.tunnel))
        try record.undo(mark: linkMark("work"))
        #expect(try ForwardingKernelTests.setting("lan0") == "0")
        #expect(try ForwardingKernelTests.setting("lan1") == "1")
        #expect(try ruleset() == [])
        #expect(try sandbox.links(.host) == links)
        #expect(try fileStatus(ForwardingKernelTests.users) == nil)
      }
    }
  }

  @Test func anInterfaceThatIsNotThereYetIsSaid() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        try sandbox.recordNamespace()
        try ForwardingKernelTests.addInterface("lan0", forwarding: "0")
        var warnings: [String] = []
        let stage = TunnelStage(try ForwardingKernelTests.tunnel(), subnet: nil) { event in
          if case .entry(let entry) = event { warnings.append(entry.text) }
        }
        _ = try stage.up(try sandbox.state())
        #expect(
          warnings == [
            "there is no interface 'lan1' yet: ports are forwarded from it only where"
              + " net.ipv4.ip_forward=1 is set, see sysctl.d(5)"
          ])
        #expect(try ruleset().contains { $0.hasPrefix(#"meta nfproto ipv4 iifname "lan1""#) })
      }
    }
  }
}
