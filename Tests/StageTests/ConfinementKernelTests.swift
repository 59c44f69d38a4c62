import CLinux
import GeneratorCore
import Glibc
import Netlink
import SystemCalls
import Testing

@testable import Stage

/// What the netns stage does to its namespace, in one: routes, rules and settings.
@Suite(.enabled(if: StageSandbox.isPossible, StageSandbox.reason))
struct ConfinementKernelTests {
  private static let withIPv6 = "WIREGUARD_IP_ADDRESSES=10.64.0.2/32,fd64::2/128"
  private static let withoutIPv6 = "WIREGUARD_IP_ADDRESSES=10.64.0.2/32"

  /// Performs the plan in a new namespace, where the thread then is; it gets no name.
  private static func confine(_ lines: String, servers: [String] = []) throws {
    let unshared = clinux_unshare(Int32(CLONE_NEWNET))
    try #require(unshared == 0)
    try #require(try ruleset() == [])
    var executor = try KernelExecutor(namespace: try .current())
    let servers = try servers.map { try #require(IPAddress($0)) }
    let operations = StagePlanner(try instance(lines)).planNetns(servers: servers)
    try executor.perform(Array(operations.dropLast())) { _ in }
  }

  private static func setting(_ path: String) throws -> String {
    String(decoding: try readFile("/proc/sys/net/\(path)", limit: 16).dropLast(), as: UTF8.self)
  }

  /// Why there is no route; nil when there is one.
  private static func failure(to text: String) throws -> Int32? {
    let address = try #require(IPAddress(text))
    do throws(NetlinkError) {
      _ = try NetlinkSocket(.route).route(to: address)
      return nil
    } catch { return error.number }
  }

  @Test func unreachableRoutesStandBehindAllOthers() async {
    await #expect(processExitsWith: .success) {
      withSandbox { _ in
        let unshared = clinux_unshare(Int32(CLONE_NEWNET))
        try #require(unshared == 0)
        for address in ["203.0.113.7", "2001:db8::7"] {
          #expect(try ConfinementKernelTests.failure(to: address) == ENETUNREACH)
        }
        try ConfinementKernelTests.confine(ConfinementKernelTests.withIPv6)
        for address in ["203.0.113.7", "2001:db8::7"] {
          #expect(try ConfinementKernelTests.failure(to: address) == EHOSTUNREACH)
        }
        for family in [AddressFamily.ipv4, .ipv6] {
          let routes = try NetlinkSocket(.route).routes(family).filter {
            $0.isUnreachable && $0.destination.length == 0 && $0.metric == .max
          }
          #expect(routes.count == 1)
        }
      }
    }
  }

  @Test func theFilterIsLoaded() async {
    await #expect(processExitsWith: .success) {
      withSandbox { _ in
        try ConfinementKernelTests.confine(
          ConfinementKernelTests.withIPv6, servers: ["10.64.0.1", "fd64::1"])
        let rules = try ruleset()
        #expect(rules.first == "table inet namespaced-wireguard-vpn {")
        for rule in [
          #"oifname != "wg-work" jump replies"#,
          "ip daddr 10.64.0.1 meta l4proto { tcp, udp } th dport { 53, 853 } accept",
          "ip6 daddr fd64::1 meta l4proto { tcp, udp } th dport { 53, 853 } accept",
          "meta l4proto { tcp, udp } th dport { 53, 853 } drop",
        ] { #expect(rules.contains(rule), "\(rule)") }
        // In the place of an earlier one.
        try namespaceTable(interface: "wg-work", servers: []).load()
        #expect(try ruleset().count == rules.count - 3)
      }
    }
  }

  @Test func withoutAnAddressThereIsNoIPv6() async {
    await #expect(processExitsWith: .success) {
      withSandbox { _ in
        try ConfinementKernelTests.confine(ConfinementKernelTests.withIPv6)
        #expect(try ConfinementKernelTests.setting("ipv6/conf/all/disable_ipv6") == "0")
        let local = try #require(IPAddress("::1"))
        #expect(try NetlinkSocket(.route).addresses().contains { $0.prefix.address == local })

        try ConfinementKernelTests.confine(ConfinementKernelTests.withoutIPv6)
        for interface in ["all", "default", "lo"] {
          #expect(try ConfinementKernelTests.setting("ipv6/conf/\(interface)/disable_ipv6") == "1")
        }
        let families = try NetlinkSocket(.route).addresses().map(\.prefix.family)
        #expect(families == [.ipv4])
        #expect(try ConfinementKernelTests.failure(to: "203.0.113.7") == EHOSTUNREACH)
      }
    }
  }

  @Test func nothingIsForwardedNorConfiguredByItself() async {
    await #expect(processExitsWith: .success) {
      withSandbox { _ in
        let expected = [
          "ipv4/ip_forward": "0", "ipv6/conf/all/forwarding": "0", "ipv6/conf/all/accept_ra": "0",
          "ipv6/conf/default/accept_ra": "0", "ipv6/conf/default/autoconf": "0",
          "ipv6/conf/default/addr_gen_mode": "1",
        ]
        // As a new namespace has it that copies from such a host.
        try overwriteFile("/proc/sys/net/ipv4/ip_forward", with: "1")
        #expect(try ConfinementKernelTests.setting("ipv4/ip_forward") == "1")
        #expect(try ConfinementKernelTests.setting("ipv6/conf/default/addr_gen_mode") == "0")
        try ConfinementKernelTests.confine(ConfinementKernelTests.withIPv6)
        for (path, value) in expected {
          #expect(try ConfinementKernelTests.setting(path) == value, "\(path)")
        }
      }
    }
  }

  @Test func aTableIsReplacedAndRemoved() async {
    await #expect(processExitsWith: .success) {
      withSandbox { _ in
        try FilterTable.remove("nobody")
        try FilterTable(name: "a", rules: "  chain x { }\n").load()
        try FilterTable(name: "a", rules: "  chain y { }\n").load()
        try FilterTable(name: "b", rules: "").load()
        let lines = try ruleset()
        #expect(lines.contains("chain y {") && !lines.contains("chain x {"))
        try FilterTable.remove("a")
        #expect(try ruleset() == ["table inet b {", "}"])
      }
    }
  }

  /// All of it or nothing, and the reason in nft's words.
  @Test func rulesWithAFaultAreRefused() async {
    await #expect(processExitsWith: .success) {
      withSandbox { _ in
        let error = #expect(throws: StageError.self) {
          try FilterTable(name: "a", rules: "  chain x { nonsense }\n").load()
        }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("nftables refused the rules: "))
        #expect(text.contains("syntax error") && !text.contains("\n"))
        #expect(text.hasSuffix("; has the kernel nf_tables?"))
        let left = try ruleset()
        #expect(left == [])
      }
    }
  }
}
