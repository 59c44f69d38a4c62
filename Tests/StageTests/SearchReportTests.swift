import GeneratorCore
import Netlink
import SystemCalls
import Testing

@testable import Stage

/// What is said when there is no handshake.
@Suite struct SearchReportTests {
  private static let key = [UInt8](repeating: 7, count: 32)

  private static func address(_ last: Int) throws -> SocketAddress {
    SocketAddress(try #require(IPAddress("192.0.2.\(last)")), port: 51820)
  }

  private static func peer(
    _ text: String, at present: SocketAddress?
  ) throws -> SoughtPeer {
    try #require(
      SoughtPeer(
        ConfiguredEndpoint(publicKey: key, text: text, persistentKeepalive: 0),
        WireGuardDevice.Peer(publicKey: key, endpoint: present), age: nil))
  }

  private static func trial(
    _ last: Int, hasRoute: Bool = true, _ seen: Arrival? = nil
  ) throws -> SoughtPeer.Trial {
    .init(address: try address(last), hasRoute: hasRoute, seen: seen)
  }

  @Test func aNameThatIsNotResolved() throws {
    var peer = try Self.peer("vpn.example.org:51820", at: nil)
    let words = "the endpoint 'vpn.example.org' cannot be resolved: Name or service not known"
    peer.take(.failure(ResolutionError(description: words, isTemporary: false)))
    #expect(peer.reason == words)
  }

  @Test func noRoute() throws {
    let trials = [try Self.trial(1, hasRoute: false), try Self.trial(2, hasRoute: false)]
    #expect(
      searchReason(trials)
        == "there is no route to 192.0.2.1:51820, 192.0.2.2:51820; is the host offline?")
  }

  @Test func nothingCameBack() throws {
    let trials = [try Self.trial(1), try Self.trial(2, hasRoute: false)]
    #expect(
      searchReason(trials) == "nothing came back from 192.0.2.1:51820: wrong endpoint or port,"
        + " a firewall on the way, or keys that the provider does not know")
  }

  @Test func aRouterRefuses() throws {
    let router = try #require(IPAddress("198.51.100.1"))
    #expect(
      searchReason([try Self.trial(1, .unreachable(from: router))])
        == "198.51.100.1 says that 192.0.2.1:51820 cannot be reached: wrong address or port,"
        + " or a firewall")
  }

  /// What came back from one address says more than the silence of the others.
  @Test func packetsWithoutAHandshake() throws {
    #expect(
      searchReason([try Self.trial(1, .packet), try Self.trial(2)])
        == "packets came back from 192.0.2.1:51820, but no handshake: the preshared key is not the"
        + " one that the provider has, or one of the keys is not")
  }

  @Test func theAddressesAreTriedInTurn() throws {
    var peer = try Self.peer("vpn.example.org:51820", at: try Self.address(2))
    peer.take(.success(try [1, 2, 3].map(Self.address)))
    var tried: [SocketAddress] = []
    while let next = peer.takeNextAddress() { tried.append(next) }
    #expect(try tried == [Self.address(1), Self.address(3)])
    peer.startOver()
    #expect(try peer.address == Self.address(1))
  }

  @Test(arguments: [(nil, false), (136, false), (135, true), (0, true)] as [(Int64?, Bool)])
  func aRecentHandshakeIsAnAnswer(age: Int64?, expected: Bool) throws {
    let peer = try #require(
      SoughtPeer(
        ConfiguredEndpoint(publicKey: Self.key, text: "192.0.2.1:1", persistentKeepalive: 0),
        WireGuardDevice.Peer(publicKey: Self.key), age: age))
    #expect(peer.isAnswering == expected)
  }
}
