import Netlink
import SystemCalls
import Testing

@Suite struct WireGuardBatchTests {
  private let family = GenericFamily(name: "wireguard", id: 29)

  /// What an interface that had `stale` holds after the messages, each within the limit.
  private func result(
    _ configuration: WireGuardConfiguration, limit: Int = WireGuardMessage.sizeLimit,
    stale: WireGuardModel = WireGuardModel()
  ) throws -> (model: WireGuardModel, messages: Int) {
    let messages = try WireGuardMessage.set(configuration, family: family, sizeLimit: limit)
    var model = stale
    for message in messages {
      #expect(message.bytes(sequence: 0).count <= limit)
      try model.apply(message)
    }
    return (model, messages.count)
  }

  private func model(_ configuration: WireGuardConfiguration) -> WireGuardModel {
    var model = WireGuardModel(
      interface: configuration.interface, privateKey: configuration.privateKey,
      listenPort: configuration.listenPort, fwMark: configuration.fwMark)
    for peer in configuration.peers {
      let endpoint = peer.endpoint.map {
        [2, 0, UInt8($0.port >> 8), UInt8($0.port & 0xff)] + $0.address.bytes
          + [UInt8](repeating: 0, count: 8)
      }
      model.peers[peer.publicKey] = .init(
        presharedKey: peer.presharedKey, endpoint: endpoint,
        persistentKeepalive: peer.persistentKeepalive, allowedIPs: peer.allowedIPs)
    }
    return model
  }

  @Test func withoutPeersThereIsOneMessage() throws {
    let configuration = WireGuardConfiguration(interface: .name("wg0"), listenPort: 1)
    #expect(try result(configuration) == (model(configuration), 1))
  }

  @Test func aPeerWithManyAllowedIPsGoesOnInFurtherMessages() throws {
    let configuration = WireGuardConfiguration(
      interface: .name("wg0"), privateKey: key(7), listenPort: 51820, fwMark: 1,
      replacePeers: true,
      peers: [
        .init(
          publicKey: key(1), presharedKey: key(2), persistentKeepalive: 25,
          allowedIPs: try manyPrefixes(50000), replaceAllowedIPs: true)
      ])
    let (rebuilt, messages) = try result(configuration)
    #expect(rebuilt == model(configuration))
    // 25,000 times 28 bytes and 25,000 times 40 bytes.
    #expect(messages == 53)
  }

  @Test func manyPeersGoOnInFurtherMessages() throws {
    let configuration = WireGuardConfiguration(
      interface: .name("wg0"), privateKey: key(7), replacePeers: true,
      peers: try manyPeers(5000))
    let stale = WireGuardModel(peers: [key(0xee): .init()])
    let (rebuilt, messages) = try result(configuration, stale: stale)
    #expect(rebuilt == model(configuration))
    #expect(messages == 24)
  }

  @Test(arguments: 220...560) func anyLimitThatHoldsAPeerWillDo(limit: Int) throws {
    var peers = try manyPeers(5)
    peers[1].allowedIPs = try manyPrefixes(20)
    peers[2].allowedIPs = []
    let configuration = WireGuardConfiguration(
      interface: .name("wg0"), privateKey: key(7), replacePeers: true, peers: peers)
    #expect(try result(configuration, limit: limit).model == model(configuration))
  }

  @Test func aLimitTooSmallStillEnds() throws {
    let configuration = WireGuardConfiguration(
      interface: .name("wg0"), peers: [.init(publicKey: key(1), allowedIPs: try manyPrefixes(3))])
    let messages = try WireGuardMessage.set(configuration, family: family, sizeLimit: 0)
    #expect(messages.count == 3)
    var rebuilt = WireGuardModel()
    for message in messages { try rebuilt.apply(message) }
    #expect(rebuilt == model(configuration))
  }

  @Test func replacesAllowedIPsOnlyOnce() throws {
    let configuration = WireGuardConfiguration(
      interface: .name("wg0"),
      peers: [
        .init(publicKey: key(1), allowedIPs: try manyPrefixes(2000), replaceAllowedIPs: true)
      ])
    let stale = WireGuardModel(peers: [key(1): .init(allowedIPs: [try prefix("192.0.2.0/24")])])
    let (rebuilt, messages) = try result(configuration, stale: stale)
    #expect(messages == 3)
    #expect(rebuilt == model(configuration))
  }

  @Test func aPeerThatIsOnlyUpdatedIsNotAddedByItsSecondPart() throws {
    let configuration = WireGuardConfiguration(
      interface: .name("wg0"),
      peers: [.init(publicKey: key(1), allowedIPs: try manyPrefixes(2000), updateOnly: true)])
    #expect(try result(configuration).model.peers.isEmpty)
    let known = WireGuardModel(peers: [key(1): .init()])
    #expect(try result(configuration, stale: known).model == model(configuration))
  }

  @Test func removedPeersTravelWithOthers() throws {
    let configuration = WireGuardConfiguration(
      interface: .name("wg0"),
      peers: [
        .init(publicKey: key(1), remove: true), .init(publicKey: key(2)),
        .init(publicKey: key(3), remove: true),
      ])
    let stale = WireGuardModel(peers: [key(1): .init(), key(3): .init(), key(4): .init()])
    let (rebuilt, messages) = try result(configuration, stale: stale)
    #expect(messages == 1)
    #expect(Set(rebuilt.peers.keys) == [key(2), key(4)])
  }
}
