import Foundation
import Glibc
import SystemCalls
import Testing

@testable import GeneratorCore

/// What git cannot hold, or nobody would call a configuration: an exact message, units that refuse,
/// and the other instance untouched.
@Suite struct OddFilesTests {
  private static let directory = "etc/namespaced-wireguard-vpn.d"
  private static let path = "/\(directory)/odd.conf"

  /// The messages with a good file beside `odd.conf`, which `make` makes.
  private func messages(_ make: (TemporaryDirectory) throws -> Void) throws -> [String] {
    let root = try TemporaryDirectory()
    try root.writeConfig("good", minimalConfig)
    let alone = try Generated(root)
    try make(root)
    let both = try Generated(root)
    for (path, entry) in alone.units.entries where path.contains("@good.") {
      #expect(both.units.entries[path] == entry)
    }
    let refusal = both.lines("namespaced-wireguard-vpn-netns@odd.service")
    let start = "ExecStart=\(Generated.paths.stage) refuse odd "
    #expect(refusal.contains { $0.hasPrefix(start) })
    // execve(2) takes 128 KiB an argument, systemd 1 MiB a line: stay far away from both.
    #expect(refusal.allSatisfy { $0.utf8.count < 32768 })
    #expect(both.result.hasErrors)
    return both.messages
  }

  @Test func directory() throws {
    #expect(
      try messages { try $0.makeDirectory("\(Self.directory)/odd.conf") } == [
        "error: \(Self.path): cannot be read: Is a directory (EISDIR); VPN 'odd' does"
          + " not start"
      ])
  }

  @Test func danglingLink() throws {
    #expect(
      try messages { try $0.makeLink("\(Self.directory)/odd.conf", to: "nowhere") } == [
        "error: \(Self.path): cannot be read: No such file or directory (ENOENT);"
          + " VPN 'odd' does not start"
      ])
  }

  @Test func linkToItself() throws {
    #expect(
      try messages { try $0.makeLink("\(Self.directory)/odd.conf", to: "odd.conf") } == [
        "error: \(Self.path): cannot be read: Too many levels of symbolic links (ELOOP);"
          + " VPN 'odd' does not start"
      ])
  }

  /// Even root gets an error from reading this one.
  @Test func unreadable() throws {
    #expect(
      try messages { try $0.makeLink("\(Self.directory)/odd.conf", to: "/proc/self/mem") } == [
        "error: \(Self.path): cannot be read: Input/output error (EIO); VPN 'odd' does"
          + " not start"
      ])
  }

  @Test func forbidden() async {
    await #expect(processExitsWith: .success) {
      // In a process of its own: permissions mean nothing to root.
      if geteuid() == 0 { try #require(setuid(65534) == 0) }
      let root = try TemporaryDirectory()
      try root.writeConfig("odd", minimalConfig)
      _ = unsafe chmod("\(root.path)/etc/namespaced-wireguard-vpn.d/odd.conf", 0)
      let messages = try Generated(root).messages
      #expect(
        messages == [
          "error: /etc/namespaced-wireguard-vpn.d/odd.conf: cannot be read: Permission denied"
            + " (EACCES); VPN 'odd' does not start"
        ])
    }
  }

  @Test func forbiddenDirectory() async {
    await #expect(processExitsWith: .success) {
      if geteuid() == 0 { try #require(setuid(65534) == 0) }
      let root = try TemporaryDirectory()
      let directory = "\(root.path)/etc/namespaced-wireguard-vpn.d"
      try root.writeConfig("odd", minimalConfig)
      try root.write("run/namespaced-wireguard-vpn.d/good.conf", minimalConfig, mode: 0o644)
      _ = unsafe chmod(directory, 0)
      // So that it can be removed.
      defer { _ = unsafe chmod(directory, 0o755) }
      let generated = try Generated(root)
      #expect(
        generated.messages.first
          == "error: /etc/namespaced-wireguard-vpn.d: cannot be read: Permission denied (EACCES);"
          + " no VPN of its files is there")
      #expect(generated.text("namespaced-wireguard-vpn-wg@good.service") != nil)
    }
  }

  private static let notRegular =
    "error: \(path): is not a regular file; allowed: a file, or a link to one; VPN 'odd' does not"
    + " start"

  /// Reading it would wait for a writer for ever, and boot with it.
  @Test(.timeLimit(.minutes(1))) func fifo() throws {
    let found = try messages { root in
      let made = unsafe mkfifo("\(root.path)\(Self.path)", 0o600)
      try #require(made == 0)
    }
    #expect(found == [Self.notRegular])
  }

  @Test func socket() throws {
    let found = try messages { root in
      let made = unsafe mknod("\(root.path)\(Self.path)", S_IFSOCK | 0o600, 0)
      try #require(made == 0)
    }
    #expect(found == [Self.notRegular])
  }

  @Test func endlessDevice() throws {
    #expect(
      try messages { try $0.makeLink("\(Self.directory)/odd.conf", to: "/dev/zero") } == [
        Self.notRegular
      ])
  }

  @Test func binaryRubbish() throws {
    let rubbish = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    let found = try messages { try $0.write("\(Self.directory)/odd.conf", rubbish) }
    #expect(found.contains { $0.contains(": a NUL byte: this is not a text file; VPN 'odd'") })
    #expect(found.count <= 2 * (messageLimit + 1))
  }

  @Test(arguments: [("NETNS_NAME=", "is not a namespace name"), ("", "not KEY=value")])
  func lineOfAMegabyte(start: String, problem: String) throws {
    let line = start + String(repeating: "x", count: 1 << 20)
    let found = try messages { try $0.writeConfig("odd", line) }
    #expect(found.contains { $0.hasPrefix("error: ") } && found.contains { $0.contains(problem) })
    #expect(found.allSatisfy { $0.utf8.count < 400 })
  }

  @Test func aByteTooMuch() throws {
    let text = minimalConfig + "#"
    let long =
      text + String(repeating: "x", count: ConfigDirectories.sizeLimit + 1 - text.utf8.count)
    #expect(
      try messages { try $0.writeConfig("odd", long) } == [
        "error: \(Self.path): is larger than 16777216 bytes, which no configuration is; VPN 'odd'"
          + " does not start"
      ])
    #expect(try load(String(long.dropLast())).instance != nil)
  }

  /// A hundred thousand lines, each with a fault: a few messages, and soon.
  @Test(.timeLimit(.minutes(1)), arguments: ["x\n", "K%=\n", "A=\n"])
  func manyFaultyLines(_ pattern: String) throws {
    let count = 1 << 17
    let lines = (0..<count).map { number in
      pattern.replacing("%", with: String(number, radix: 36))
    }
    let found = try messages { try $0.writeConfig("odd", lines.joined()) }
    #expect(found.count <= 2 * (messageLimit + 1))
    #expect(found.contains { $0.hasSuffix(" more warnings, not shown") })
  }

  @Test func readableByOthers() throws {
    let root = try TemporaryDirectory()
    try root.write("\(Self.directory)/odd.conf", minimalConfig, mode: 0o644)
    let generated = try Generated(root)
    #expect(
      generated.messages == [
        "warning: \(Self.path): others than its owner may read this file, which can hold a private"
          + " key; reading it all the same; remedy: chmod 600 \(Self.path)"
      ])
    #expect(!generated.result.hasErrors)
  }

  @Test func findsTheFileOfOneInstance() throws {
    let root = try TemporaryDirectory()
    try root.write("run/namespaced-wireguard-vpn.d/work.conf", minimalConfig)
    try root.makeLink("\(Self.directory)/masked.conf", to: "/dev/null")
    try root.write("run/namespaced-wireguard-vpn.d/masked.conf", minimalConfig)
    let directories = ConfigDirectories(root: root.path)
    let found = try ["work", "masked", "none"].map {
      try directories.find(#require(InstanceName($0)))
    }
    #expect(
      found.map { $0?.path } == [
        "\(root.path)/run/namespaced-wireguard-vpn.d/work.conf", nil, nil,
      ])
    #expect(directories.find(.single) == nil)
  }
}
