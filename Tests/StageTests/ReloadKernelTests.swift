import CLinux
import GeneratorCore
import Glibc
import Netlink
import SystemCalls
import Testing

@testable import Stage

/// What a reload does to addresses and routes, in real namespaces; an end of a pair stands where
/// the WireGuard interface would, whose keys and peers are other tests' subject.
@Suite(.enabled(if: StageSandbox.isPossible, StageSandbox.reason))
struct ReloadKernelTests {
  private static let none = WireGuardDevice(
    index: 0, name: "veth-b", publicKey: nil, listenPort: 0, fwMark: 0, peers: [])

  private static func wanted(
    mtu: UInt32 = 1420, _ addresses: [String], routes: [String] = []
  ) throws -> WantedInterface {
    WantedInterface(
      name: "veth-b", mtu: mtu, addresses: try addresses.map(prefix),
      routes: try routes.map { TableRoute(destination: try prefix($0), table: nil) },
      configuration: WireGuardConfiguration(interface: .name("veth-b")))
  }

  /// As the reload: what differs, and what the kernel took away beyond that.
  private static func apply(
    _ wanted: WantedInterface, _ executor: inout KernelExecutor
  ) throws -> PresentInterface {
    for _ in 0..<2 {
      let present = try executor.presentInterface("veth-b", index: nil, none)
      let difference = InterfaceDifference(from: present, to: wanted)
      try executor.perform(difference.networkOperations) { (_) throws(StageError) in }
    }
    return try executor.presentInterface("veth-b", index: nil, none)
  }

  @Test func addressesRoutesAndMTUFollow() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        var executor = try sandbox.executor()
        try executor.perform([.createVeth(host: "veth-a", inside: "veth-b")]) {
          (_) throws(StageError) in
        }
        let steps = [
          try Self.wanted(["10.64.0.2/32", "fd64::2/128"], routes: ["0.0.0.0/0", "::/0"]),
          // None of the old ones stays: with its last address an interface loses its routes.
          try Self.wanted(mtu: 1380, ["10.64.0.3/32", "fd64::3/128"], routes: ["0.0.0.0/0"]),
          try Self.wanted(["10.64.0.3/24", "fd64::3/64", "10.64.0.4/24"], routes: ["10.0.0.0/8"]),
          // The first of a network goes, and unless it is told otherwise the kernel takes the
          // second along.
          try Self.wanted(["10.64.0.4/24"], routes: ["10.0.0.0/8", "192.0.2.0/24"]),
          // Less than IPv6 takes, and again more.
          try Self.wanted(mtu: 1000, ["10.64.0.4/24"]),
          try Self.wanted(mtu: 1300, ["10.64.0.4/24", "fd64::4/128"], routes: ["fd00::/8"]),
        ]
        for step in steps {
          let present = try Self.apply(step, &executor)
          #expect(present.isUp && present.mtu == step.mtu)
          #expect(Set(present.addresses) == Set(step.addresses))
          #expect(Set(present.routes) == Set(step.routes))
        }
      }
    }
  }

  @Test func othersRoutesStay() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        var executor = try sandbox.executor()
        try executor.perform([.createVeth(host: "veth-a", inside: "veth-b")]) {
          (_) throws(StageError) in
        }
        let step = try Self.wanted(["10.64.0.2/24"], routes: ["10.0.0.0/8"])
        let present = try Self.apply(step, &executor)
        // 10.64.0.0/24, the kernel's own, is on the interface as well.
        #expect(present.routes == step.routes)
        let all = try executor.inside.routes(.ipv4).map(\.destination)
        #expect(all.contains(try prefix("10.64.0.0/24")))
      }
    }
  }

  /// With IPv6 switched off inside, as the netns stage leaves it for a file without such an address.
  @Test func theFirstIPv6Address() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        var executor = try sandbox.executor()
        let off = ["all", "default"].map {
          KernelOperation.writeSetting(
            path: "/proc/sys/net/ipv6/conf/\($0)/disable_ipv6", value: "1", .inside)
        }
        try executor.perform(off + [.createVeth(host: "veth-a", inside: "veth-b")]) {
          (_) throws(StageError) in
        }
        _ = try Self.apply(try Self.wanted(["10.64.0.2/32"]), &executor)
        let present = try Self.apply(
          try Self.wanted(["10.64.0.2/32", "fd64::2/128"], routes: ["::/0"]), &executor)
        #expect(try present.addresses.contains(prefix("fd64::2/128")))
        #expect(try present.routes.map(\.destination) == [prefix("::/0")])
      }
    }
  }

  @Test func aReloadOfWhatIsNotUpSaysSo() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        try sandbox.recordNamespace()
        let error = #expect(throws: StageError.self) {
          _ = try WireGuardReload(
            try instance(), memory: EndpointMemory(try sandbox.name()), emit: { _ in }
          ).perform(try sandbox.state())
        }
        #expect(
          error?.description == "the interface is not up; start"
            + " namespaced-wireguard-vpn-wg@work.service first")
      }
    }
  }

  /// A file keeps its inode: a service that runs has it bound.
  @Test func resolverFilesAreChangedInPlace() async {
    await #expect(processExitsWith: .success) {
      withSandbox { sandbox in
        let state = try sandbox.state()
        let path = "\(state.path)/resolver/resolv.conf"
        let overlay = ResolverOverlay(
          try #require(InstanceName("work")), namespace: "unused", state: state.path)
        var executor = try sandbox.executor()
        var identities: [FileIdentity?] = []
        for (lines, count) in [
          ("WIREGUARD_DNS=10.64.0.1", 4), ("WIREGUARD_DNS=10.64.0.9", 2),
          ("WIREGUARD_DNS=10.64.0.9", 0),
        ] {
          let instance = try instance("WIREGUARD_IP_ADDRESSES=10.64.0.2/32\n" + lines)
          let files = ResolverFiles(
            dns: instance.wireGuard.dns, overlay: .init(), hostSwitch: "hosts: files dns")
          let operations = try overlay.plan(files, beside: .init()).withoutWritten()
            .filter { !"\($0)".contains("/etc/netns") }
          #expect(operations.count == count)
          try executor.perform(operations) { (_) throws(StageError) in }
          let text = String(decoding: try readFile(path, limit: 1000), as: UTF8.self)
          #expect(text.contains(lines.replacing("WIREGUARD_DNS=", with: "nameserver ")))
          identities.append(try fileStatus(path)?.identity)
        }
        #expect(identities[0] != nil && Set(identities.map { $0?.inode }).count == 1)
      }
    }
  }
}
