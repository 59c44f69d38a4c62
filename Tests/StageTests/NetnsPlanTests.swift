import GeneratorCore
import SystemCalls
import Testing

@testable import Stage

/// What the netns stage does to its namespace, and in which order.
@Suite struct NetnsPlanTests {
  private static let dual = "WIREGUARD_IP_ADDRESSES=10.64.0.2/32,fd64::2/128"
  private static let tunnelOnly =
    "WIREGUARD_IP_ADDRESSES=10.64.0.2/32\nTUNNEL_INIT_IP_ADDRESSES=fd99::1/64\n"
    + "TUNNEL_VPN_IP_ADDRESSES=fd99::2/64"
  private static let withoutIPv6 = "WIREGUARD_IP_ADDRESSES=10.64.0.2/32"

  private func setting(_ path: String, _ value: String) -> KernelOperation {
    .writeSetting(path: "/proc/sys/net/\(path)", value: value)
  }

  @Test func everythingInOrder() throws {
    let instance = try instance(Self.dual)
    let server = try #require(IPAddress("10.64.0.1"))
    let file = KernelOperation.writeFile(path: "/run/f", text: "x")
    #expect(
      StagePlanner(instance).planNetns(servers: [server], files: [file]) == [
        setting("ipv4/ip_forward", "0"), setting("ipv6/conf/all/forwarding", "0"),
        setting("ipv6/conf/all/accept_ra", "0"), setting("ipv6/conf/default/accept_ra", "0"),
        setting("ipv6/conf/default/autoconf", "0"),
        setting("ipv6/conf/default/addr_gen_mode", "1"),
        .bringUp(interface: "lo", .inside),
        .addUnreachableDefault(.ipv4), .addUnreachableDefault(.ipv6),
        .loadTable(
          .inside, namespaceTable(interface: instance.wireGuard.interfaceName, servers: [server])),
        file,
        // Last: whoever sees the name finds the namespace ready.
        .nameNamespace(path: "/run/netns/work"),
      ])
  }

  /// An address of either interface is enough, and a namespace without one has no IPv6 at all.
  @Test(arguments: [(dual, true), (tunnelOnly, true), (withoutIPv6, false)])
  func ipv6IsThereForWhoHasAnAddress(lines: String, hasIPv6: Bool) throws {
    let operations = StagePlanner(try instance(lines)).planNetns()
    #expect(operations.contains(.addUnreachableDefault(.ipv4)))
    #expect(operations.contains(.addUnreachableDefault(.ipv6)) == hasIPv6)
    for interface in ["all", "default"] {
      #expect(
        operations.contains(setting("ipv6/conf/\(interface)/disable_ipv6", "1")) == !hasIPv6)
    }
    // Before any interface is up, or it would have an address by then.
    let up = try #require(operations.firstIndex(of: .bringUp(interface: "lo", .inside)))
    let settings = operations.indices.filter {
      if case .writeSetting = operations[$0] { true } else { false }
    }
    #expect(settings.allSatisfy { $0 < up })
  }
}
