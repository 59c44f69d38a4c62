import Foundation
import Glibc
import SystemCalls
import Testing

@testable import GeneratorCore

/// Which files become credentials of the stages' units, and which the stages read themselves.
@Suite struct CredentialTests {
  private static let directory = "etc/namespaced-wireguard-vpn.d"
  private static let path = "/\(directory)/odd.conf"

  /// Of many instances the stages read what they can read themselves: a credential costs all other
  /// units.
  @Test(arguments: [(16, true), (17, false)]) func aCredentialOfFew(count: Int, isOne: Bool) throws
  {
    let root = try TemporaryDirectory()
    try root.writeConfig("odd", minimalConfig)
    for number in 1..<count {
      try root.writeConfig("other\(number)", "WIREGUARD_PRIVATE_KEY=x\n")
    }
    let lines = try credentials(Generated(root))
    #expect(lines == (isOne ? [Self.credential, Self.credential, Self.credential] : []))
  }

  /// Their sandbox may hide what a link leads to.
  @Test func aLinkIsACredential() throws {
    let root = try TemporaryDirectory()
    try root.write("/home/odd.conf", minimalConfig, mode: 0o600)
    try root.makeLink("\(Self.directory)/odd.conf", to: "\(root.path)/home/odd.conf")
    let lines = [Self.credential, Self.credential, Self.credential]
    #expect(try credentials(Generated(root)) == lines)
    for number in 1...16 { try root.writeConfig("other\(number)", minimalConfig) }
    #expect(try credentials(Generated(root)) == lines)
  }

  /// None may be larger than systemd takes.
  @Test func aLargeFileIsNoCredential() throws {
    let root = try TemporaryDirectory()
    let filling = String(repeating: "#", count: ConfigDirectories.credentialLimit)
    try root.writeConfig("odd", minimalConfig + filling)
    #expect(try credentials(Generated(root)) == [])
  }

  private static let credential = "LoadCredential=config:\(path)"

  /// Of all units; that they are there and start is seen, too.
  private func credentials(_ generated: Generated) throws -> [String] {
    try #require(!generated.messages.contains { $0.contains(Self.path) && $0.contains("error") })
    var credentials: [String] = []
    for stage in ["netns", "wg", "tunnel"] {
      let lines = generated.lines("namespaced-wireguard-vpn-\(stage)@odd.service")
      let starts = lines.filter { $0.hasPrefix("ExecStart=") }
      try #require(starts.count == 1)
      credentials += lines.filter { $0.hasPrefix("LoadCredential=") }
    }
    return credentials
  }

  /// Root reads it by a right that the stages do not have.
  @Test(arguments: [false, true]) func aFileOfAnother(isLarge: Bool) throws {
    let count = isLarge ? ConfigDirectories.credentialLimit : 0
    let bytes = Array((minimalConfig + String(repeating: "#", count: count)).utf8)
    let file = ConfigFile(name: try #require(InstanceName("odd")), path: "/c/odd.conf")
    let loaded = parseInstance(file, bytes: bytes, permissions: 0o600, isOwn: false)
    let refusal =
      "error: /c/odd.conf: does not belong to root; a file of more than 524288 bytes has to, for no"
      + " systemd credential takes it; remedy: chown root /c/odd.conf; VPN 'odd' does not start"
    #expect(loaded.diagnostics.map(\.line) == (isLarge ? [refusal] : []))
    #expect(loaded.instance?.access == (isLarge ? nil : .credential))
    let own = parseInstance(file, bytes: bytes, permissions: 0o600)
    let access = isLarge ? FileAccess.direct : .either
    #expect(own.diagnostics.isEmpty && own.instance?.access == access)
    // What all may read the stages may, too.
    let open = parseInstance(file, bytes: bytes, permissions: 0o644, isOwn: false)
    #expect(open.instance?.access == access)
  }
}
