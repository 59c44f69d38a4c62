import GeneratorCore
import SystemCalls
import Testing

@testable import Stage

/// What a reload says that it cannot do.
@Suite struct FixedSettingsTests {
  private let address = "WIREGUARD_IP_ADDRESSES=10.64.0.2/32\n"

  /// The record of a stage that came up with the plain file.
  private func record(_ stage: StageName, _ lines: String = "") throws -> StateRecord {
    StateRecord(settings: fixedSettings(of: stage, try instance(address + lines)))
  }

  @Test(arguments: [
    (StageName.netns, "NETNS_NAME=other", ["NETNS_NAME= work→other"]),
    (.netns, "ATTACH_UNITS=a.service", ["ATTACH_UNITS= -→a.service a.socket"]),
    (.netns, "ATTACH_DBUS=yes", ["ATTACH_DBUS= no→yes"]),
    (.netns, "PUBLISH=127.0.0.1:80:81", ["PUBLISH= -→127.0.0.1:80:81"]),
    (.wg, "WIREGUARD_NAME=wg9", ["WIREGUARD_NAME= wg-work→wg9"]),
    (.tunnel, "TUNNEL_INIT_NAME=a0", ["TUNNEL_INIT_NAME= veth-work0→a0"]),
    (.tunnel, "TUNNEL_VPN_NAME=a1", ["TUNNEL_VPN_NAME= veth-work1→a1"]),
    (
      .tunnel, "TUNNEL_INIT_IP_ADDRESSES=10.1.0.1/30\nTUNNEL_VPN_IP_ADDRESSES=10.1.0.2/30",
      ["TUNNEL_INIT_IP_ADDRESSES= -→10.1.0.1/30", "TUNNEL_VPN_IP_ADDRESSES= -→10.1.0.2/30"]
    ),
    (
      .tunnel, "TUNNEL_PORT_FORWARDS=eth0:80:81/udp",
      ["TUNNEL_PORT_FORWARDS= -→eth0:80:81/udp"]
    ),
    // What a reload does change.
    (.wg, "WIREGUARD_INITIAL_MTU=1300\nWIREGUARD_DNS=10.64.0.1", []),
  ])
  func aChangeIsNamed(stage: StageName, lines: String, expected: [String]) throws {
    let instance = try instance(address + lines)
    let differences = try record(stage).differences(to: fixedSettings(of: stage, instance))
    #expect(differences.map(\.words) == expected)
  }

  @Test func theUserspaceProgramCountsOnlyWhereItRuns() throws {
    let settings = fixedSettings(of: .wg, try instance(address + "WIREGUARD_USERSPACE=other-go"))
    var record = try record(.wg)
    #expect(record.differences(to: settings).map(\.words) == [])
    let identity = ProcessIdentity(number: 1, startTime: 1)
    record.note(.process(UserspaceProcess(interfaceName: "nswg-1", identity: identity)))
    #expect(
      record.differences(to: settings).map(\.words) == [
        "WIREGUARD_USERSPACE= wireguard-go→other-go"
      ])
  }

  @Test func aKeyMayLeaveACredentialAndNotEnterOne() throws {
    let key = "WIREGUARD_PRIVATE_KEY_CREDENTIAL"
    var record = StateRecord(settings: [FixedSetting(key, "work.cred")])
    #expect(record.differences(to: [FixedSetting(key, "")]).isEmpty)
    #expect(
      record.differences(to: [FixedSetting(key, "b.cred")]).map(\.words)
        == ["\(key)= work.cred→b.cred"])
    record.leaveCredential(for: [FixedSetting(key, "")])
    #expect(
      record.differences(to: [FixedSetting(key, "b.cred")]).map(\.words) == ["\(key)= -→b.cred"])
  }

  @Test func anOlderRecordSaysNothing() throws {
    let settings = fixedSettings(of: .netns, try instance(address))
    #expect(StateRecord().differences(to: settings).isEmpty)
  }

  @Test func settingsAreReadBack() throws {
    let record = StateRecord(
      settings: [FixedSetting("A_KEY", "/a b\nc  d"), FixedSetting("B", "")])
    #expect(StateRecord(parsing: record.bytes) == record)
    #expect(record.setting("A_KEY") == "/a b?c  d")
  }
}
