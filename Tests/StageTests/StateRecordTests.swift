import GeneratorCore
import SystemCalls
import Testing

@testable import Stage

@Suite struct StateRecordTests {
  private let identity = FileIdentity(device: 4, inode: 4_026_532_333)

  private var full: StateRecord {
    var record = StateRecord(
      namespace: NamespaceReference(path: "/run/netns/work", identity: identity))
    record.attachedUnits = ["plain.service", "a@b:c\\x2dd.socket"]
    record.publications = ["127.0.0.1:9091:80", "[::1]:443:8443"]
    let key = [UInt8](repeating: 0xa5, count: 32)
    record.upkeep = Upkeep(
      endpoints: [
        ConfiguredEndpoint(publicKey: key, text: "[2001:db8::1]:1", persistentKeepalive: 25)
      ],
      listenPort: 51999, hasAutomaticMTU: true, isTimed: true, onlineTimeout: 5,
      clock: HandshakeClock(
        sightings: [.init(publicKey: key, since1970: 1_700_000_000, sinceBoot: 90)],
        offset: 1_699_999_910))
    record.note(.directory(path: "/etc/netns/work"))
    record.note(.file(path: "/etc/netns/work/resolv.conf"))
    record.note(.namespaceName(path: "/run/netns/work", identity))
    record.note(.link(.inside, name: "wg-work", index: 7))
    record.note(.link(.host, name: "veth-work0", index: nil))
    record.note(
      .process(
        UserspaceProcess(
          interfaceName: "nswg-f0000001",
          identity: ProcessIdentity(number: 123, startTime: 456))))
    record.note(.filterTable("namespaced-wireguard-vpn-forward-work"))
    record.note(
      .forwarding(interface: "eth0", user: "/run/namespaced-wireguard-vpn/.forwarding/eth0/work"))
    return record
  }

  @Test func readsWhatItWrites() {
    #expect(StateRecord(parsing: full.bytes) == full)
    #expect(
      String(decoding: full.bytes, as: UTF8.self) == """
        within /run/netns/work 4 4026532333
        attach plain.service
        attach a@b:c\\x2dd.socket
        publish 127.0.0.1:9091:80
        publish [::1]:443:8443
        endpoint \(String(repeating: "a5", count: 32)) [2001:db8::1]:1 25
        listen-port 51999
        automatic-mtu
        timed
        online-timeout 5
        clock 1699999910
        handshake \(String(repeating: "a5", count: 32)) 1700000000 90
        directory /etc/netns/work
        file /etc/netns/work/resolv.conf
        namespace /run/netns/work 4 4026532333
        link inside wg-work 7
        link host veth-work0 -
        process nswg-f0000001 123 456
        table namespaced-wireguard-vpn-forward-work
        forwarding eth0 /run/namespaced-wireguard-vpn/.forwarding/eth0/work

        """)
  }

  /// Only what is bound to its name by now is a namespace that somebody could be in.
  @Test func theNamedNamespace() {
    #expect(
      full.namedNamespace == NamespaceReference(path: "/run/netns/work", identity: identity))
    #expect(StateRecord(namespace: full.namespace).namedNamespace == nil)
  }

  @Test func whatIsNotedTwiceIsThereOnce() {
    var record = full
    for creation in full.creations { record.note(creation) }
    #expect(record == full)
  }

  @Test func aSecondNoteTakesThePlaceOfTheFirst() {
    var record = StateRecord()
    record.note(.link(.inside, name: "wg0", index: nil))
    record.note(.link(.host, name: "wg0", index: nil))
    record.note(.link(.inside, name: "wg0", index: 3))
    #expect(
      record.creations == [
        .link(.inside, name: "wg0", index: 3), .link(.host, name: "wg0", index: nil),
      ])
  }

  /// A power cut can cut the file anywhere: what is left must be read without a trap, and hold
  /// nothing that was not there.
  @Test func anyPrefixIsReadable() {
    let bytes = full.bytes
    for end in bytes.indices {
      let record = StateRecord(parsing: Array(bytes[..<end]))
      #expect(record.creations.count <= full.creations.count)
      #expect(record.attachedUnits.count <= full.attachedUnits.count)
      #expect(record.publications.count <= full.publications.count)
    }
    let nonsense = """
      nonsense
      link
      link x y z
      attach
      attach a b
      publish
      publish 127.0.0.1:1 x
      file
      directory a b
      table
      forwarding eth0

      """
    #expect(StateRecord(parsing: Array(nonsense.utf8)) == StateRecord())
  }
}
