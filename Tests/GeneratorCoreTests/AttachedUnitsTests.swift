import SystemCalls
import Testing

@testable import GeneratorCore

/// Which units a file confines, by which names, and to whom each belongs.
@Suite struct AttachedUnitsTests {
  @Test(arguments: [
    ("a.service", ["a.service", "a.socket"]),
    ("a@.service", ["a@.service", "a@.socket"]),
    ("a@b.service", ["a@b.service", "a@b.socket"]),
    // With Accept=yes a socket's connections get instances of a template.
    ("a.socket", ["a.socket", "a.service", "a@.service"]),
    ("a@.socket", ["a@.socket", "a@.service"]), ("a@b.socket", ["a@b.socket", "a@b.service"]),
    ("a.b-c_d:e@f\\x2d.service", ["a.b-c_d:e@f\\x2d.service", "a.b-c_d:e@f\\x2d.socket"]),
    ("A.service", ["A.service", "A.socket"]), ("a@-.service", ["a@-.service", "a@-.socket"]),
  ])
  func confined(text: String, expected: [String]) {
    let unit = AttachedUnit(text)
    #expect(unit.fault == nil)
    #expect(unit.confined == expected)
  }

  private static let prefix = "stands for every unit whose name begins so"
  private static let type = "which has no network to confine"

  /// What is refused, with which words, and what is confined all the same.
  @Test(
    arguments: [
      ("a", "is not a unit; did you mean a.service?", ["a.service", "a.socket"]),
      ("a@b", "is not a unit; did you mean a@b.service?", ["a@b.service", "a@b.socket"]),
      (
        "a.services", "is not a unit; did you mean a.services.service?",
        ["a.services.service", "a.services.socket"]
      ),
      ("service", "is not a unit; did you mean service.service?", ["service.service"]),
      ("a.target", "is a target, \(type)", []), ("a.mount", "is a mount, \(type)", []),
      ("a.automount", "is an automount, \(type)", []), ("a.swap", "is a swap, \(type)", []),
      ("a.device", "is a device, \(type)", []), ("a.timer", "is a timer, \(type)", []),
      ("a.path", "is a path, \(type)", []), ("a.slice", "is a slice, \(type)", []),
      ("a.scope", "is a scope, \(type)", []),
      ("namespaced-wireguard-vpn.target", "is a unit of the VPN itself", []),
      ("namespaced-wireguard-vpn-netns@a.service", "is a unit of the VPN itself", []),
      ("namespaced-wireguard-vpn", "is a unit of the VPN itself", []),
      (".service", "is not a unit", []), ("@a.service", "is not a unit", []),
      ("a/b.service", "is not a unit", []), ("../a.service", "is not a unit", []),
      ("a%i.service", "is not a unit", []), ("ä.service", "is not a unit", []),
      ("a\u{301}.service", "is not a unit", []), ("a\0.service", "is not a unit", []),
      ("a;b.service", "is not a unit", []), ("*.service", "is not a unit", []),
      // Its drop-ins would be those of every service whose name begins so.
      ("a-.service", prefix, []), ("a-", prefix, []), ("a-@.service", prefix, []),
      ("-.socket", prefix, []), ("-", prefix, []), ("a-@b.socket", prefix, []),
      (String(repeating: "n-", count: 97) + ".service", "is not a unit", []),
      (String(repeating: "n", count: 40) + ".service", "is not a unit", []),
    ] as [(String, String, [String])])
  func faulty(text: String, problem: String, confined: [String]) {
    let unit = AttachedUnit(text)
    #expect(unit.fault?.problem == problem)
    #expect(
      unit.fault?.allowed == "names of services and sockets, like transmission-daemon.service")
    #expect(unit.confined.prefix(confined.count) == confined[...])
    #expect(unit.confined.isEmpty == confined.isEmpty)
  }

  /// A combining mark does not hide a separator, or the name before it would not be confined.
  @Test(arguments: ["a.service,b.service", "a.service\tb.service", "a.service \r\nb.service"])
  func separators(_ value: String) throws {
    #expect(parseTexts(value) == ["a.service", "b.service"])
    #expect(parseTexts("\(value),\u{301}") == ["a.service", "b.service", "\u{301}"])
  }

  private func parseTexts(_ value: String) -> [String] {
    listItems(value).map { String($0.text) }
  }

  private static let directory = "/etc/namespaced-wireguard-vpn.d"
  private static let dropIn = "50-namespaced-wireguard-vpn.conf"

  /// Records of two instances without files name the same service, as when the file of the first
  /// was removed while it ran, and then that of the second: systemd gets one drop-in.
  @Test func aUnitOfTwoRecordsHasOneDropIn() throws {
    let root = try TemporaryDirectory()
    for name in ["a", "b"] {
      try root.write(
        "run/namespaced-wireguard-vpn/\(name)/netns",
        "attach x.service\nattach only-\(name).service\nnamespace /run/netns/\(name) 4 5\n")
    }
    try root.writeConfig("c", "WIREGUARD_ENDPOINT=nowhere\n")
    try root.write(
      "run/namespaced-wireguard-vpn/c/netns", "attach x.service\nnamespace /run/netns/c 4 5\n")
    let generated = try Generated(root)
    #expect(generated.result.writeErrors.isEmpty)
    let lines = generated.lines("x.service.d/\(Self.dropIn)")
    #expect(lines.contains("NetworkNamespacePath=/run/netns/c"))
    for name in ["a", "b"] {
      let lines = generated.lines("only-\(name).service.d/\(Self.dropIn)")
      #expect(lines.contains("NetworkNamespacePath=/run/netns/\(name)"))
    }
  }

  /// Without a namespace in it the record is of a start that did not come that far; and nothing
  /// that was not a unit's name leads anywhere.
  @Test(arguments: [
    "attach x.service\n", "attach x.service\nnamespace\n", "namespace /run/netns/a 4 5\nattach\n",
    "namespace /run/netns/a - \nattach x.service y\nattach ../x\nattach a/b.service\nattached x\n",
    "", "\0", "attach",
  ])
  func recordsThatConfineNothing(_ record: String) throws {
    let root = try TemporaryDirectory()
    try root.write("run/namespaced-wireguard-vpn/a/netns", record)
    let generated = try Generated(root)
    #expect(generated.messages == [])
    #expect(generated.units.entries.keys.filter { $0.hasSuffix(Self.dropIn) } == [])
    #expect(generated.text("namespaced-wireguard-vpn-netns@a.service") != nil)
  }

  /// systemd splits BindReadOnlyPaths= at colons.
  @Test func aColonInTheNamespacesName() throws {
    let root = try TemporaryDirectory()
    try root.writeConfig("a", minimalConfig + "NETNS_NAME=x:y\nATTACH_UNITS=a.service\n")
    let lines = try Generated(root).lines("a.service.d/\(Self.dropIn)")
    #expect(lines.contains(#"BindReadOnlyPaths="-/etc/netns/x:y/hosts":/etc/hosts"#))
    #expect(lines.contains("NetworkNamespacePath=/run/netns/x:y"))
  }

  /// A unit's name has at most 255 bytes.
  @Test func aPublishedPortOfAnInstanceWithALongName() throws {
    let root = try TemporaryDirectory()
    let listen = "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:65535"
    for (number, (name, length)) in [("n", 169), ("m", 170), ("l", 200)].enumerated() {
      let address = listen.replacing("ffff", with: "fff\(number)")
      try root.writeConfig(
        String(repeating: name, count: length), minimalConfig + "PUBLISH=\(address)\n")
    }
    let generated = try Generated(root)
    #expect(generated.result.writeErrors.isEmpty)
    let sockets = generated.units.entries.keys.filter {
      $0.hasSuffix(".socket") && !$0.contains("/")
    }
    #expect(sockets.map(\.utf8.count).sorted().last == 254)
    #expect(sockets.count { $0.contains("@nnn") } == 1)
    #expect(sockets.count { $0.contains("@mmm") } == 0)
    #expect(sockets.count == 3)
  }
}
