import GeneratorCore
import SystemCalls
import Testing

@testable import Stage

/// The resolver's files as text: resolv.conf(5), nsswitch.conf(5), and who may be asked.
@Suite struct ResolverFilesTests {
  private func files(
    _ dns: String = "", overlay: ResolverFiles.Overlay = .init(), hostSwitch: String? = nil
  ) throws -> ResolverFiles {
    let instance = try instance(
      "WIREGUARD_IP_ADDRESSES=10.64.0.2/32,fd64::2/128\nWIREGUARD_DNS=\(dns)")
    return ResolverFiles(dns: instance.wireGuard.dns, overlay: overlay, hostSwitch: hostSwitch)
  }

  @Test(arguments: [
    // Without a server the C library asks 127.0.0.1, where nobody answers.
    ("", "", []),
    ("10.64.0.1", "nameserver 10.64.0.1\n", ["10.64.0.1"]),
    (
      "10.64.0.1,corp.example,fd64::1,lan",
      "search corp.example lan\nnameserver 10.64.0.1\n"
        + "nameserver fd64::1\n", ["10.64.0.1", "fd64::1"]
    ),
    ("example.org", "search example.org\n", []),
    // The service itself may have a server of its own; it asks whom it likes.
    (
      "127.0.0.1,10.64.0.1,::1", "nameserver 127.0.0.1\nnameserver 10.64.0.1\nnameserver ::1\n",
      ["10.64.0.1"]
    ),
    ("10.64.0.1,10.64.0.1", "nameserver 10.64.0.1\nnameserver 10.64.0.1\n", ["10.64.0.1"]),
  ])
  func resolvConf(dns: String, text: String, servers: [String]) throws {
    let files = try files(dns)
    #expect(files.resolvConf == text)
    #expect(files.servers.map(\.description) == servers)
  }

  /// What the user put into /etc/netns/NAME is used as it stands; both kinds of server may be asked.
  @Test(arguments: [
    ("nameserver 10.9.0.1\n", ["10.64.0.1", "10.9.0.1"]),
    (
      "# nameserver 1.1.1.1\nnameserver\t10.9.0.1  # mine\r\nnameserver fd09::1",
      [
        "10.64.0.1", "10.9.0.1", "fd09::1",
      ]
    ),
    (
      "nameserver 127.0.0.53\nnameserver 10.64.0.1\nnameserver\nnameserver x\nnameservers 1.1.1.1\n",
      ["10.64.0.1"]
    ),
    ("", ["10.64.0.1"]),
  ])
  func resolvConfOfTheUser(text: String, servers: [String]) throws {
    let files = try files("10.64.0.1", overlay: .init(resolvConf: text))
    #expect(files.resolvConf == text)
    #expect(files.servers.map(\.description) == servers)
  }

  @Test func nameServiceSwitchOfTheUser() throws {
    let mine = "hosts: files resolve\n"
    let files = try files(
      overlay: .init(nameServiceSwitch: mine), hostSwitch: "hosts: files mdns dns\n")
    #expect(files.nameServiceSwitch == mine)
  }

  @Test(arguments: [
    ("hosts: files dns", "files dns"), ("hosts:files", "files dns"),
    ("hosts:\t files\t dns  ", "files dns"), ("  hosts: files dns", "files dns"),
    ("hosts : files resolve", "files dns"), ("hosts files resolve", "files dns"),
    ("hosts:", "dns"), ("hosts: resolve", "dns"), ("hosts: # files", "dns"),
    ("hosts: files dns # resolve", "files dns"),
    ("hosts: files mdns4_minimal [NOTFOUND=return] dns", "files dns"),
    ("hosts: files mdns4_minimal [NOTFOUND=return] dns mdns4", "files dns"),
    ("hosts: mdns mdns6 mdns_minimal wins files", "files dns"),
    (
      "hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns",
      "mymachines files myhostname dns"
    ),
    ("hosts: resolve [ !UNAVAIL=return  SUCCESS=merge ] files dns", "files dns"),
    ("hosts: resolve [SUCCESS=continue] [NOTFOUND=return] files dns", "files dns"),
    // The C library needs no blank beside a bracket.
    ("hosts: resolve[!UNAVAIL=return]files[NOTFOUND=continue]dns", "files [NOTFOUND=continue] dns"),
    ("hosts: files [ NOTFOUND=continue ] wins dns", "files [ NOTFOUND=continue ] dns"),
    ("hosts: files [NOTFOUND=return", "files [NOTFOUND=return dns"),
    // Others than those we know ask as resolv.conf(5) says, or nobody.
    ("hosts: db sss ldap dns", "db sss ldap dns"), ("hosts: resolver dns", "resolver dns"),
  ])
  func hostsOfTheNameServiceSwitch(line: String, services: String) throws {
    let files = try files(hostSwitch: "passwd: files resolve\n\(line)\nnetworks: files\n\n\n")
    #expect(
      files.nameServiceSwitch == "passwd: files resolve\nhosts: \(services)\nnetworks: files\n")
  }

  @Test(
    arguments: [
      (nil, "hosts: files dns\n"), ("", "hosts: files dns\n"),
      ("# hosts: resolve\n", "# hosts: resolve\nhosts: files dns\n"),
      ("passwd: files\n\n", "passwd: files\nhosts: files dns\n"),
      ("hostsx: resolve", "hostsx: resolve\nhosts: files dns\n"),
      ("hosts", "hosts\nhosts: files dns\n"),
      ("hosts: resolve\r\nhosts: wins files\r\n", "hosts: dns\nhosts: files dns\n"),
      // To the C library these are blanks, and no line ends at them.
      ("\u{b}hosts:\u{c}resolve\rfiles", "hosts: files dns\n"),
      ("passwd: a\u{2028}hosts: b", "passwd: a\u{2028}hosts: b\nhosts: files dns\n"),
    ] as [(String?, String)])
  func nameServiceSwitchWithout(text: String?, expected: String) throws {
    #expect(try files(hostSwitch: text).nameServiceSwitch == expected)
  }
}
