import Glibc
import SystemCalls
import Testing

@testable import GeneratorCore

/// What one run of the generator over a root directory wrote and said.
struct Generated {
  let units: Tree
  /// A line each, `error: PATH:LINE:COLUMN: TEXT`, paths without the root.
  let messages: [String]
  let result: Generator.Result

  static let paths = InstalledPaths(
    stage: "/usr/lib/namespaced-wireguard-vpn/nswg-stage", units: "/usr/lib/systemd/system")

  /// The object, not its path: the directory must outlive the run.
  init(_ directory: TemporaryDirectory) throws {
    let root = directory.path
    // systemd runs generators with this mask.
    _ = umask(0o022)
    let output = try TemporaryDirectory()
    result = Generator(root: root, paths: Self.paths).run(output: output.path)
    units = try Tree(reading: output.path, withPermissions: true).removing(root)
    messages = (result.diagnostics.map(\.line) + result.writeErrors.map { "error: \($0)" })
      .map { $0.replacing(root, with: "") }
  }

  /// The text of a unit, or nothing when there is no such file.
  func text(_ path: String) -> String? {
    if case .file(let text, _) = units.entries[path] { text } else { nil }
  }

  func lines(_ path: String) -> [String] {
    (text(path) ?? "").split(separator: "\n").map(String.init)
  }
}

extension Diagnostic {
  var line: String { "\(isError ? "error" : "warning"): \(self)" }
}

/// Keys made for these tests; no server knows them.
enum TestKeys {
  static let privateKey = "uGA8nT+fIDskedH754EtqoHwrO5ZKT1z+1JP81SkuFo="
  /// Of `privateKey`; `publicKey` is of another one.
  static let ownPublicKey = "VWiADRNoxzBx6QYUMhwUZNoAWGUoa/OMAOjKeTAYb1Q="
  static let publicKey = "u/HmEsHaRxcJbFVsSKf0bp+6LoRvJNMXwpuIyGjoPXs="
  static let presharedKey = "FBUagWVDD4Rhmgwm8Buv4T0yL5DJLmKlvgWPr4p//zw="
}

/// The least that a file must say.
let minimalConfig = """
  WIREGUARD_PRIVATE_KEY=\(TestKeys.privateKey)
  WIREGUARD_ENDPOINT=192.0.2.1:51820
  WIREGUARD_VPN_PUBLIC_KEY=\(TestKeys.publicKey)
  WIREGUARD_IP_ADDRESSES=10.64.0.2/32

  """

/// A configuration file that is only in memory.
func load(_ text: String, name: String = "work", permissions: UInt32 = 0o600) throws
  -> LoadedInstance
{
  try load(Array(text.utf8), name: name, permissions: permissions)
}

func load(_ bytes: [UInt8], name: String = "work", permissions: UInt32 = 0o600) throws
  -> LoadedInstance
{
  let instanceName = try #require(InstanceName(name))
  return parseInstance(
    ConfigFile(name: instanceName, path: "/c/\(name).conf"), bytes: bytes,
    permissions: permissions)
}
