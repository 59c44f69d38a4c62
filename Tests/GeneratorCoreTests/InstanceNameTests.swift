import GeneratorCore
import Testing

@Suite struct InstanceNameTests {
  @Test(arguments: [
    "work", "a", "0", "_", "-", "a.b", "A-b_c.9", String(repeating: "n", count: 200),
  ])
  func good(_ text: String) {
    #expect(InstanceName(text)?.text == text)
  }

  @Test(arguments: [
    "", ".", "..", ".a", "a b", "a/b", "a@b", "a:b", "a\\x2db", "a%i", "ä", "a\n", "a\0", "a+b",
    String(repeating: "n", count: 201),
  ])
  func bad(_ text: String) {
    #expect(InstanceName(text) == nil)
  }

  @Test func unitsOfAnInstance() throws {
    let name = try #require(InstanceName("work"))
    #expect(
      StageName.allCases.map(name.service) == [
        "namespaced-wireguard-vpn-netns@work.service", "namespaced-wireguard-vpn-wg@work.service",
        "namespaced-wireguard-vpn-tunnel@work.service",
      ])
    #expect(name.target == "namespaced-wireguard-vpn@work.target" && !name.isSingle)
  }

  /// The names that drop-ins of the original's users have in them.
  @Test func unitsOfTheOldSingleFile() {
    let name = InstanceName.single
    #expect(
      StageName.allCases.map(name.service) == [
        "namespaced-wireguard-vpn-netns.service", "namespaced-wireguard-vpn-interface.service",
        "namespaced-wireguard-vpn-tunnel.service",
      ])
    #expect(name.target == "namespaced-wireguard-vpn.target" && name.isSingle)
  }
}
