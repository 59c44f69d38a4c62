import CLinux
import GeneratorCore
import Glibc
import Netlink
import SystemCalls
import Testing

@testable import Stage

/// Operations against the kernel: made, recorded, undone; each test in a process of its own.
@Suite(.enabled(if: StageSandbox.isPossible, StageSandbox.reason))
struct TunnelKernelTests {
  @Test func goesUpAndDownAndLeavesNothing() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        try sandbox.recordNamespace()
        let stage = TunnelStage(try instance(), subnet: try prefix("10.127.4.8/30"), emit: { _ in })
        let status = try stage.up(try sandbox.state())
        #expect(
          status == "tunnel is up: veth-work0 10.127.4.9/30 on the host,"
            + " veth-work1 10.127.4.10/30 in namespace work")
        #expect(try sandbox.links(.host) == ["lo", "veth-work0"])
        #expect(try sandbox.links(.inside) == ["lo", "veth-work1"])
        let record = try #require(try sandbox.state().read(.tunnel))
        try record.undo(mark: linkMark("work"))
        #expect(try sandbox.links(.host) == ["lo"])
        #expect(try sandbox.links(.inside) == ["lo"])
      }
    }
  }

  @Test func goingUpTwiceReplacesWhatIsOurs() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        try sandbox.recordNamespace()
        let stage = TunnelStage(try instance(), subnet: nil, emit: { _ in })
        _ = try stage.up(try sandbox.state())
        _ = try stage.up(try sandbox.state())
        #expect(try sandbox.links(.host) == ["lo", "veth-work0"])
      }
    }
  }

  @Test func aForeignInterfaceIsRefusedAndStays() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        try sandbox.recordNamespace()
        let namespace = try NetworkNamespace(path: sandbox.namespace.path)
        try NetlinkSocket(.route).request(
          LinkMessage.createVeth(
            name: "veth-work0", peerName: "foreign", peerNamespace: namespace.rawDescriptor))
        let stage = TunnelStage(try instance(), subnet: nil, emit: { _ in })
        let error = #expect(throws: StageError.self) { _ = try stage.up(try sandbox.state()) }
        #expect(
          error?.description == "there is an interface 'veth-work0' on the host that is not ours;"
            + " remove it, or choose another name with TUNNEL_INIT_NAME=")
        #expect(try sandbox.links(.host) == ["lo", "veth-work0"])
        #expect(try sandbox.state().read(.tunnel) == nil)
      }
    }
  }

  @Test func aFailureUndoesWhatCameBefore() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        let name = try #require(InstanceName("work"))
        let state = try sandbox.state()
        var executor = try sandbox.executor()
        let operations: [KernelOperation] = [
          .createVeth(host: "veth-a", inside: "veth-b"),
          .bringUp(interface: "veth-a", .host),
          .addAddress(try prefix("10.0.0.1/24"), interface: "nowhere", .host),
        ]
        let error = #expect(throws: StageError.self) {
          try bringUp(
            .tunnel, of: name, operations, under: StateRecord(namespace: sandbox.namespace),
            with: &executor, state)
        }
        #expect(error?.description == "interface 'nowhere' is gone; did somebody remove it?")
        #expect(try sandbox.links(.host) == ["lo"])
        #expect(try state.read(.tunnel) == nil)
      }
    }
  }

  /// As after a crash between the making and the second note: the record has no index.
  @Test func aHalfNotedLinkIsUndoneUnlessItIsAnothers() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        let executor = try sandbox.executor()
        let socket = try NetlinkSocket(.route)
        let half = Creation.link(.host, name: "veth-a", index: nil)
        let descriptor = try NetworkNamespace(path: sandbox.namespace.path)
        for (group, alias) in [
          (linkGroup, ""), (0, linkMark("work")), (0, ""), (0, "somebody's"),
        ] {
          try socket.request(
            LinkMessage.createVeth(
              name: "veth-a", group: group,
              peerName: "veth-b", peerNamespace: descriptor.rawDescriptor))
          let index = try #require(try socket.link(named: "veth-a")).index
          try socket.request(LinkMessage.set(index: index, alias: alias))
          try executor.undo(half, mark: linkMark("work"))
          let isOurs = group == linkGroup || alias == linkMark("work")
          #expect(try sandbox.links(.host).contains("veth-a") != isOurs)
          if !isOurs { try socket.request(LinkMessage.delete(index: index)) }
        }
      }
    }
  }

  @Test func withoutItsNamespaceTheHostsEndStillGoes() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        try sandbox.recordNamespace()
        _ = try TunnelStage(try instance(), subnet: nil, emit: { _ in }).up(try sandbox.state())
        try NamedNamespace(path: sandbox.namespace.path).unbind()
        let record = try #require(try sandbox.state().read(.tunnel))
        try record.undo(mark: linkMark("work"))
        #expect(try sandbox.links(.host) == ["lo"])
      }
    }
  }
}
