import GeneratorCore
import Testing

@testable import Commands

@Suite struct CommandLineTests {
  @Test(
    arguments: [
      ("namespaced-wireguard-vpn-wg@work.service", "work"),
      ("namespaced-wireguard-vpn@a-b.c.target", "a-b.c"),
      ("namespaced-wireguard-vpn-publish-127.0.0.1_9091@work.socket", "work"),
      ("namespaced-wireguard-vpn-interface.service", "namespaced-wireguard-vpn"),
      ("namespaced-wireguard-vpn-publish-127.0.0.1_9091.socket", "namespaced-wireguard-vpn"),
      ("namespaced-wireguard-vpn.target", nil),
      ("namespaced-wireguard-vpn-metrics.timer", nil),
      ("namespaced-wireguard-vpn-wg@.service", nil),
      ("other@work.service", nil),
    ] as [(String, String?)])
  func unitsBelongToInstances(_ unit: String, _ name: String?) {
    #expect(InstanceName(ofUnit: unit)?.text == name)
  }

  @Test func theNearestNameIsSuggested() {
    let failure = CommandFailure.noInstance("wrok", among: ["home", "work"])
    #expect(failure.description == "there is no VPN 'wrok'; did you mean 'work'?")
    #expect(failure.status == .unknownInstance)
    let other = CommandFailure.noInstance("xyz", among: ["home", "work"])
    #expect(other.description == "there is no VPN 'xyz'; there are: home, work")
    #expect(CommandFailure.noInstance("x", among: []).description.contains("nswg add FILE"))
  }

  @Test(
    arguments: [
      (["stauts"], 64), (["--help"], 0), (["status"], 64), (["status", "--help"], 0),
      (["--no-such-option"], 64), (["help", "exec"], 0), (["status", "x", "--interval", "0"], 64),
      (["list", "--color", "blue"], 64),
    ] as [([String], Int32)])
  func exitStatusesOfTheParser(_ arguments: [String], _ status: Int32) {
    #expect(Program.run(arguments) == status)
  }

  @Test func migrationIsShownBeforeItIsDone() {
    var migration = Migration()
    #expect(plain(migration.lines) == "there is nothing to migrate\n")
    migration.moves = [
      .init(
        name: "vpn", from: "/a.conf", to: "/d/vpn.conf", retired: "/a.conf.migrated",
        stopped: ["x.service"], warnings: ["careful"])
    ]
    migration.skipped = [.init(file: "/b.conf", reasons: ["no endpoint"])]
    migration.left = ["mend c"]
    #expect(
      plain(migration.lines) == """
        vpn: /a.conf
            stop x.service
            copy it to /d/vpn.conf, mode 0600
            rename the original to /a.conf.migrated
            start namespaced-wireguard-vpn@vpn.target
            warning: careful
        not /b.conf:
            no endpoint
        left to you:
            mend c

        """)
  }
}
