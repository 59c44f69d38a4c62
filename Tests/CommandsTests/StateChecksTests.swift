import Stage
import SystemCalls
import Testing

@testable import Commands

@Suite struct StateChecksTests {
  private let host = FileIdentity(device: 4, inode: 1)
  private let settings: [(name: String, value: String?)] = [
    ("ipv4/ip_forward", "0"), ("ipv6/conf/all/forwarding", nil),
  ]

  @Test func aVPNAsItShouldBe() throws {
    let checks = StateChecks.checks(try Samples.up(), hostNamespace: host, settings: settings)
    #expect(checks.count == 6 && checks.allSatisfy { $0.answer == .yes })
  }

  /// One thing that is wrong, and the only question that is answered otherwise then.
  struct Wrong: Sendable {
    let question: Int
    let answer: LeakCheck.Answer
    let change: @Sendable (inout InstanceReport) -> Void

    init(
      _ question: Int, _ answer: LeakCheck.Answer = .no,
      _ change: @escaping @Sendable (inout InstanceReport) -> Void
    ) {
      self.question = question
      self.answer = answer
      self.change = change
    }
  }

  @Test(arguments: [
    Wrong(0) {
      $0.observed.namespace = .init(
        path: "/run/netns/work", identity: FileIdentity(device: 4, inode: 1), isThere: true)
    },
    Wrong(0) {
      $0.observed.namespace = .init(
        path: "/run/netns/work", identity: FileIdentity(device: 4, inode: 9), isThere: false)
    },
    Wrong(1) { $0.observed.insideLinks?.append("eth0") },
    Wrong(2) { $0.observed.routes.append(Samples.route("198.51.100.0/24", "veth-work1")) },
    Wrong(2) {
      $0.observed.routes.append(Samples.route("10.127.0.0/30", "veth-work1", via: "10.127.0.1"))
    },
    Wrong(2) { $0.observed.routes.remove(at: 1) },
    Wrong(3) { $0.observed.routes.remove(at: 3) },
    Wrong(3) { $0.observed.routes.append(Samples.route("2000::/3", "veth-work1")) },
    Wrong(5) { $0.attached[0].place = .outside(1, isHost: true) },
    Wrong(5, .unknown) { $0.attached[0].place = .unknown("why") },
  ])
  func whatIsWrongIsSeen(_ wrong: Wrong) throws {
    var report = try Samples.up()
    wrong.change(&report)
    let checks = StateChecks.checks(report, hostNamespace: host, settings: settings)
    for (index, check) in checks.enumerated() {
      #expect(check.answer == (index == wrong.question ? wrong.answer : .yes), "\(check)")
    }
  }

  @Test func aRouterInsideIsSeen() throws {
    let checks = StateChecks.checks(
      try Samples.up(), hostNamespace: host, settings: [("ipv4/ip_forward", "1")])
    #expect(checks[4].answer == .no && checks[4].evidence == "ipv4/ip_forward=1")
    let blind = StateChecks.checks(try Samples.up(), hostNamespace: host, settings: [])
    #expect(blind[4].answer == .unknown)
  }
}
