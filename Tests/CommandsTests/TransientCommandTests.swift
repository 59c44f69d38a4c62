import ArgumentParser
import GeneratorCore
import SystemdBus
import Testing

@testable import Commands

@Suite struct TransientCommandTests {
  private func command(_ streams: TransientCommand.Streams) throws -> TransientCommand {
    let name = try InstanceName.required("work")
    return TransientCommand(
      name,
      confinement: ConfinementSettings(
        name, namespacePath: "/run/netns/work", reachesDBus: false, stage: "/stage"),
      program: "/bin/echo", arguments: ["echo", "a b", "$HOME"], user: "nobody", directory: "/tmp",
      environment: ["TERM=vt220"], streams: streams)
  }

  /// As the drop-in of an attached service would say it: each line of one is in the other.
  @Test func theCommandIsConfinedAsAnAttachedService() throws {
    let paths = InstalledPaths(stage: "/stage", units: "/units")
    let plan = Generator(root: "/nonexistent", paths: paths).plan([try Samples.loaded()]).plan
    let dropIn = try #require(plan.files.first { $0.path.hasPrefix("daemon.service.d/") }).text
    // An attached service also starts the VPN, which a command is not to do.
    let wanted = dropIn.split(separator: "\n").filter {
      $0.contains("=") && !$0.hasPrefix("Wants=") && !$0.hasPrefix("#")
        && !$0.hasPrefix("After=namespaced-wireguard-vpn-wg@")
    }
    let settings = try command(.terminal("/dev/pts/1")).confinementProperties.flatMap(unitLines)
    #expect(wanted.count == 15)
    #expect(Set(settings) == Set(wanted.map { $0.filter { $0 != "\"" } }))
  }

  /// A property as lines of a unit file.
  private func unitLines(_ property: TransientProperty) -> [String] {
    let lines: [String] =
      switch property.value {
      case .string(let text): [text]
      case .array("(ssbt)", let binds):
        binds.map { bind in
          let (fields, isOptional) = (bind.elements, bind.elements[2] == .boolean(true))
          return "\(isOptional ? "-" : "")\(fields[0].text ?? ""):\(fields[1].text ?? "")"
        }
      case .array("(sasb)", let commands):
        commands.map { $0.elements[1].elements.compactMap(\.text).joined(separator: " ") }
      default: property.value.elements.compactMap(\.text)
      }
    return lines.map { "\(property.name)=\($0)" }
  }

  @Test func wordsStayWords() throws {
    let property = try #require(
      try command(.terminal("/dev/pts/1")).properties.first { $0.name == "ExecStartEx" })
    let fields = property.value.elements[0].elements
    #expect(property.value.signature == "a(sasas)")
    #expect(fields[1].elements.compactMap(\.text) == ["echo", "a b", "$HOME"])
    #expect(fields[2].elements.compactMap(\.text) == ["no-env-expand"])
  }

  @Test func streamsAreATerminalOrTheCallers() throws {
    let names = try command(.terminal("/dev/pts/1")).properties.map(\.name)
    #expect(names.contains("TTYPath") && !names.contains("StandardInputFileDescriptor"))
    let piped = try command(.descriptors(input: 0, output: 1, error: 2)).properties
    #expect(piped.contains(TransientProperty("StandardErrorFileDescriptor", .descriptor(2))))
    #expect(!piped.contains { $0.name == "TTYPath" })
  }

  /// Everybody may read what a unit is called and described as.
  @Test func noWordOfTheCommandIsInItsDescription() throws {
    let property = try #require(
      try command(.terminal("/dev/pts/1")).properties.first { $0.name == "Description" })
    #expect(property.value == .string("VPN work: a command of nswg exec"))
  }

  @Test(
    arguments: [
      (["curl", "--user", "x"], nil, ["curl", "--user", "x"]),
      (["--", "curl", "--", "x"], nil, ["curl", "--", "x"]),
      (["--user", "nobody", "--", "curl"], "nobody", ["curl"]),
      (["--user=nobody", "curl"], "nobody", ["curl"]),
      ([], nil, []),
    ] as [([String], String?, [String])])
  func optionsBehindTheName(
    _ arguments: [String], _ user: String?, _ words: [String]
  ) throws {
    let exec = try #require(
      try NSWGCommand.parseAsRoot(["exec", "work"] + arguments) as? ExecCommand)
    let split = try exec.splitOptions()
    #expect(exec.instance.name == "work" && split.user == user && split.command == words)
  }

  @Test func anUnknownOptionIsRefused() throws {
    let exec = try #require(
      try NSWGCommand.parseAsRoot(["exec", "work", "--usr", "x"]) as? ExecCommand)
    #expect(throws: (any Error).self) { try exec.splitOptions() }
  }
}
