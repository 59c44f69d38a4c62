import SystemCalls
import Testing

@testable import GeneratorCore

@Suite struct TunnelSubnetsTests {
  private func name(_ number: Int) throws -> InstanceName {
    try #require(InstanceName("vpn-\(number)"))
  }

  /// An instance as a file with these further lines makes it.
  private func instance(_ lines: String) throws -> Instance {
    try #require(try load(minimalConfig + lines).instance)
  }

  private func tunnel(_ host: String, _ inner: String) -> String {
    "TUNNEL_INIT_IP_ADDRESSES=\(host)\nTUNNEL_VPN_IP_ADDRESSES=\(inner)\n"
  }

  @Test func noTwoInstancesShareOne() throws {
    var subnets = TunnelSubnets(avoiding: [])
    var seen: Set<IPPrefix> = []
    let network = try #require(IPAddress("10.127.0.0").flatMap { IPPrefix($0, length: 16) })
    for number in 0..<3000 {
      let assigned = try subnets.assign(to: name(number))
      let subnet = try #require(assigned)
      #expect(subnet.length == 30 && subnet == subnet.network && network.contains(subnet))
      #expect(seen.insert(subnet).inserted)
    }
  }

  @Test func allAreUsedThenNone() throws {
    var subnets = TunnelSubnets(avoiding: [])
    var seen: Set<IPPrefix> = []
    for number in 0..<16384 {
      if let subnet = try subnets.assign(to: name(number)) { seen.insert(subnet) }
    }
    #expect(seen.count == 16384)
    let further = try subnets.assign(to: name(16384))
    #expect(further == nil)
  }

  /// Adding a VPN must not renumber another whose place is free.
  @Test func firstChoiceFollowsFromTheNameAlone() throws {
    var alone = TunnelSubnets(avoiding: [])
    var second = TunnelSubnets(avoiding: [])
    _ = try second.assign(to: name(7))
    let work = try #require(InstanceName("work"))
    let (first, other) = (alone.assign(to: work), second.assign(to: work))
    #expect(first?.description == "10.127.73.128/30" && other == first)
    let again = alone.assign(to: work)
    #expect(again != nil && again != first)
  }

  /// The first choice of `work` is 10.127.73.128/30.
  @Test(arguments: [
    ("10.127.73.129/30", "10.127.73.130/30", "10.127.73.132/30"),
    ("10.127.73.131/32", "192.0.2.1/32", "10.127.73.132/30"),
    ("192.0.2.1/32", "10.127.73.128/31", "10.127.73.132/30"),
    ("10.127.73.1/24", "10.127.73.2/24", "10.127.74.0/30"),
    ("10.127.0.1/17", "10.127.0.2/17", "10.127.128.0/30"),
    ("10.127.73.129/8", "10.0.0.1/8", "10.127.73.132/30"),
    ("10.126.73.129/30", "fd00::2/64", "10.127.73.128/30"),
    ("10.127.73.133/30", "10.127.73.134/30", "10.127.73.128/30"),
  ])
  func avoidsNamedTunnelAddresses(host: String, inner: String, expected: String) throws {
    var subnets = TunnelSubnets(avoiding: [try instance(tunnel(host, inner))])
    let work = try #require(InstanceName("work"))
    let subnet = subnets.assign(to: work)
    #expect(subnet?.description == expected)
  }

  /// Mullvad's addresses are of 10.64.0.0/10, which holds our network.
  @Test func avoidsTheAddressesOfProviders() throws {
    let text = minimalConfig.replacing("10.64.0.2/32", with: "10.127.73.130/32")
    var subnets = TunnelSubnets(avoiding: [try #require(try load(text).instance)])
    let work = try #require(InstanceName("work"))
    let subnet = subnets.assign(to: work)
    #expect(subnet?.description == "10.127.73.132/30")
  }

  @Test func allOfTheNetworkNamed() throws {
    var subnets = TunnelSubnets(
      avoiding: [try instance(tunnel("10.127.0.1/16", "10.127.0.2/16"))])
    let subnet = try subnets.assign(to: name(1))
    #expect(subnet == nil)
  }

  @Test func endsOfASubnet() throws {
    let prefix = { (text: String, length: Int) in
      IPAddress(text).flatMap { IPPrefix($0, length: length) }
    }
    let subnet = try #require(prefix("10.127.73.128", 30))
    let addresses = try #require(TunnelAddresses(subnet: subnet))
    #expect(addresses.host.map(\.description) == ["10.127.73.129/30"])
    #expect(addresses.namespace.map(\.description) == ["10.127.73.130/30"])
    // Four addresses from the end of a byte: nothing may overflow.
    let last = try #require(prefix("10.127.255.255", 30))
    #expect(TunnelAddresses(subnet: last)?.namespace.map(\.description) == ["10.127.255.254/30"])
    #expect(TunnelAddresses(subnet: try #require(prefix("10.0.0.0", 29))) == nil)
    #expect(TunnelAddresses(subnet: try #require(prefix("fd00::", 30))) == nil)
  }
}
