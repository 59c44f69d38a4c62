import GeneratorCore
import SystemCalls
import Testing

/// The command line, its exit status, and what systemd's environment changes.
@Suite struct GeneratorCommandTests {
  private let root: TemporaryDirectory
  private let output: TemporaryDirectory

  init() throws {
    root = try TemporaryDirectory()
    output = try TemporaryDirectory()
  }

  private func run(
    _ arguments: [String], program: String = "/usr/lib/systemd/system-generators/g",
    environment: [String: String] = [:]
  ) -> GeneratorCommand.Outcome {
    GeneratorCommand.run(
      arguments: arguments, program: program, environment: { environment[$0] })
  }

  private var written: [String] {
    get throws { try directoryNames(output.path) }
  }

  @Test func threeDirectoriesOrOne() throws {
    try root.writeConfig("work", minimalConfig)
    let early = try TemporaryDirectory()
    let late = try TemporaryDirectory()
    let outcome = run([output.path, early.path, late.path, "--root", root.path])
    #expect(outcome.status == 0 && outcome.messages.isEmpty && outcome.output == "")
    #expect(try written.contains("namespaced-wireguard-vpn-wg@work.service"))
    #expect(try directoryNames(early.path) == [] && directoryNames(late.path) == [])
    let one = try TemporaryDirectory()
    #expect(run(["--root", root.path + "/", one.path]).status == 0)
    #expect(
      try Tree(reading: one.path, withPermissions: true)
        == Tree(reading: output.path, withPermissions: true))
  }

  @Test func noConfigurationNoUnits() throws {
    #expect(run([output.path, "--root", root.path]).status == 0)
    #expect(try written == [])
  }

  @Test(arguments: [
    [], ["a", "b"], ["a", "b", "c", "d"], ["--root"], ["a", "--root"], ["--what", "a"], ["-h"],
    ["--dry-run", "a"], ["--dry-run", "--root"],
  ])
  func wrongArguments(_ arguments: [String]) {
    let outcome = run(arguments)
    #expect(outcome.status == 2 && outcome.output == "")
    #expect(outcome.messages.map(\.text) == [GeneratorCommand.usage])
  }

  @Test(arguments: [["SYSTEMD_IN_INITRD": "1"], ["SYSTEMD_SCOPE": "user"]])
  func doesNothing(environment: [String: String]) throws {
    try root.writeConfig("work", "rubbish")
    for arguments in [[output.path, "--root", root.path], ["--dry-run", "--root", root.path], []] {
      let outcome = run(arguments, environment: environment)
      #expect(outcome.status == 0 && outcome.output == "" && outcome.messages.isEmpty)
    }
    #expect(try written == [])
  }

  @Test func zeroInInitrdVariableIsNoInitrd() throws {
    try root.writeConfig("work", minimalConfig)
    let environment = ["SYSTEMD_IN_INITRD": "0", "SYSTEMD_SCOPE": "system"]
    #expect(run([output.path, "--root", root.path], environment: environment).status == 0)
    #expect(try written != [])
  }

  @Test(arguments: [
    ("", 0, 0), ("NONSENSE=1\n", 1, 0), ("WIREGUARD_NAME=/\n", 1, 1),
  ])
  func statusByHandAndAtBoot(line: String, byHand: Int32, atBoot: Int32) throws {
    try root.writeConfig("work", minimalConfig + line)
    let arguments = [output.path, "--root", root.path]
    let boot = run(arguments, environment: ["SYSTEMD_SCOPE": "system"])
    #expect(boot.status == atBoot)
    #expect(boot.messages.map(\.priority) == (line == "" ? [] : [atBoot == 1 ? 3 : 4]))
    let dry = run(["--dry-run", "--root", root.path])
    #expect(dry.status == byHand && dry.messages.map(\.text) == boot.messages.map(\.text))
    let other = try TemporaryDirectory()
    #expect(run([other.path, "--root", root.path]).status == byHand)
  }

  @Test func dryRunPrintsAndWritesNothing() throws {
    try root.writeConfig("work", minimalConfig + "AUTOSTART=1\n")
    let before = try Tree(reading: root.path, withPermissions: true)
    let outcome = run(["--root", root.path, "--dry-run"])
    #expect(outcome.status == 0)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.contains("# namespaced-wireguard-vpn-netns@work.service"))
    #expect(lines.contains("ExecStart=/usr/lib/namespaced-wireguard-vpn/nswg-stage wg up work"))
    #expect(
      lines.contains(
        "# multi-user.target.wants/namespaced-wireguard-vpn@work.target ->"
          + " /usr/lib/systemd/system/namespaced-wireguard-vpn@.target"))
    #expect(try Tree(reading: root.path, withPermissions: true) == before)
  }

  /// The stage is found beside the generator, so a staged or /usr/local install works.
  @Test(arguments: [
    ("/usr/local/lib/systemd/system-generators/g", "/usr/local/lib"),
    ("/d/usr/lib/systemd/system-generators/g", "/d/usr/lib"), ("/lib/systemd/x/g", "/usr/lib"),
    ("/home/u/.build/release/g", "/usr/lib"), ("", "/usr/lib"),
  ])
  func stageBesideTheGenerator(program: String, library: String) throws {
    try root.writeConfig("work", minimalConfig)
    let outcome = run(["--dry-run", "--root", root.path], program: program)
    let start = "ExecStart=\(library)/namespaced-wireguard-vpn/nswg-stage netns up work"
    #expect(outcome.output.split(separator: "\n").contains { $0 == start })
  }

  @Test func unwritableOutputIsReported() throws {
    try root.writeConfig("work", minimalConfig)
    let outcome = run([root.path + "/missing", "--root", root.path])
    #expect(outcome.status == 1)
    #expect(outcome.messages.allSatisfy { $0.priority == 3 })
    #expect(outcome.messages.contains { $0.text.contains("No such file or directory (ENOENT)") })
  }

  /// What cannot be written does not keep the rest from being written.
  @Test func oneObstacleHurtsNoOther() throws {
    try root.writeConfig("work", minimalConfig)
    try output.write("namespaced-wireguard-vpn-wg@work.service", "old")
    let outcome = run([output.path, "--root", root.path])
    #expect(outcome.status == 1 && outcome.messages.count == 1)
    #expect(outcome.messages.allSatisfy { $0.text.contains("File exists (EEXIST)") })
    #expect(try written.contains("namespaced-wireguard-vpn-tunnel@work.service"))
    let kept = try readFile("\(output.path)/namespaced-wireguard-vpn-wg@work.service", limit: 99)
    #expect(kept == Array("old".utf8))
  }
}
