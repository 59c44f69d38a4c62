import Stage
import Testing

@testable import Commands

/// What people see, as whole texts.
@Suite struct RenderingTests {
  @Test func listHasALineForEach() throws {
    var faulty = try Samples.down("WIREGUARD_ENDPOINT=nowhere\n")
    faulty.time = 0
    var never = try Samples.up()
    never.observed.wireGuard?.peers?[0].lastHandshake = nil
    never.attached[0].active = "failed"
    let lines = plain(ListRendering.lines([try Samples.up(), never, try Samples.down(), faulty]))
    #expect(
      lines == """
        NAME  STATE     ENDPOINT         HANDSHAKE  RECEIVED   SENT  SERVICES
        work  up        192.0.2.2:51820  1m 0s ago   1.2 MiB  900 B  daemon
        work  up        192.0.2.2:51820  never       1.2 MiB  900 B  (daemon)
        work  down      192.0.2.2:51820  -                 -      -  -
        work  bad file  -                -                 -      -  -

        """)
  }

  @Test func statusHasAllThereIs() throws {
    let lines = plain(StatusRendering.lines(try Samples.up()))
    #expect(
      lines == """
        ● work - up, handshake 1m 0s ago
        file:         /etc/work.conf (target enabled)
        units:        namespaced-wireguard-vpn@work.target          active
                      namespaced-wireguard-vpn-netns@work.service   active for 1m 40s
                      namespaced-wireguard-vpn-wg@work.service      active for 1m 40s
                      namespaced-wireguard-vpn-tunnel@work.service  active for 1m 40s
        namespace:    /run/netns/work  net:[4026532001]
        interface:    wg-work  up  kernel WireGuard
        addresses:    10.64.1.2/32, fd64:1::2/128
        mtu:          1440, computed, the path takes 1440
        public key:   CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=
        port:         UDP 40000 on the host
        peer:         BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=
          endpoint:   192.0.2.2:51820
          handshake:  1m 0s ago
          transfer:   1.2 MiB received, 900 B sent
          allowed:    0.0.0.0/0, ::/0
          preshared:  a key is set
        routes:       0.0.0.0/0 dev wg-work
                      unreachable 0.0.0.0/0
                      ::/0 dev wg-work
                      unreachable ::/0
                      10.127.0.0/30 dev veth-work1
        dns:          10.64.1.1; search corp.example
        tunnel:       veth-work0  up  10.127.0.1/30 on the host
                      veth-work1  up  10.127.0.2/30 inside
        published:    127.0.0.1:9091 → port 9091 inside  not listening
        attached:     daemon.service  active  inside: process 175 is in net:[4026532001]

        """)
  }

  /// What is not as it should be, and what status then shows.
  struct Wrong: Sendable {
    let change: @Sendable (inout InstanceReport) -> Void
    let shown: String

    init(_ shown: String, _ change: @escaping @Sendable (inout InstanceReport) -> Void) {
      self.change = change
      self.shown = shown
    }
  }

  @Test(arguments: [
    Wrong("problem:      namespaced-wireguard-vpn-wg@work.service: wg up 'work': no key\n") {
      $0.units[2].active = "failed"
      $0.units[2].statusText = "wg up 'work': no key"
    },
    Wrong("→ journalctl --unit namespaced-wireguard-vpn-wg@work.service has the whole story") {
      $0.units[2].active = "failed"
    },
    Wrong("× work - partly up") { $0.units[2].active = "inactive" },
    Wrong("× work - starting") { $0.units[1].active = "activating" },
    Wrong("gone: it can only be stopped") { $0.file = nil },
    Wrong("file:         not known") {
      $0.file = nil
      $0.isFileUnknown = true
    },
    Wrong("stray inside, made by somebody else") { $0.observed.insideLinks?.append("stray") },
    Wrong("OUTSIDE: process 175 is in net:[12], the host's") {
      $0.attached[0].place = .outside(12, isHost: true)
    },
    Wrong("daemno.service  not-found  there is no such unit") {
      $0.attached[0] = AttachedReport(unit: "daemno.service", active: "not-found", place: .nowhere)
    },
    Wrong("veth-work0  not known on the host") {
      $0.observed.tunnel?.host = nil
      $0.unread = ["what is inside (EPERM)"]
    },
    Wrong("not known: no right") { $0.attached[0].place = .unknown("no right") },
    Wrong("not read:     the key (EPERM)") { $0.unread = ["the key (EPERM)"] },
    Wrong("192.0.2.2:51820 (the file says a.example:1)") {
      $0.observed.wireGuard?.configuredEndpoints[[UInt8](repeating: 7, count: 32)] = "a.example:1"
    },
    Wrong("interface:    wg-work  kernel WireGuard\n") { $0.observed.wireGuard?.link = nil },
  ])
  func statusShowsWhatIsWrong(_ wrong: Wrong) throws {
    var report = try Samples.up()
    #expect(!plain(StatusRendering.lines(report)).contains(wrong.shown))
    wrong.change(&report)
    #expect(plain(StatusRendering.lines(report)).contains(wrong.shown))
  }

  @Test func aFaultComesFirstWithItsRemedy() throws {
    let lines = plain(StatusRendering.lines(try Samples.down("WIREGUARD_ENDPOINT=nowhere\n")))
    #expect(lines.hasPrefix("× work - bad file\n"))
    #expect(lines.contains("/etc/work.conf:1:20: WIREGUARD_ENDPOINT=: 'nowhere' has no port"))
    #expect(lines.contains("→ mend the file, then: systemctl daemon-reload && systemctl start"))
  }

  @Test func coloursAreForTerminalsOnly() throws {
    let lines = ListRendering.lines([try Samples.up()])
    #expect(lines.rendered(inColour: true).contains("\u{1b}[32mup\u{1b}[0m"))
    #expect(!lines.rendered(inColour: false).contains("\u{1b}"))
  }

  @Test func aLineIsCutByColumns() {
    let line: StyledLine = [Styled("→ab", .bad), "cd"]
    #expect(line.cut(to: 4) == [Styled("→ab", .bad), "c"])
    #expect(line.cut(to: 0) == [])
  }
}
