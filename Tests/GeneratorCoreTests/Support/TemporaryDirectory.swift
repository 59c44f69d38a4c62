import Foundation
import SystemCalls

/// A directory of its own, gone with the last reference.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    // Without links, or paths in messages would not begin with this one.
    path =
      FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
      + "/nswg-test-\(UUID().uuidString)"
    try makeDirectories(path, mode: 0o755)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Writes a file below the directory, and the directories on the way.
  func write(_ relativePath: String, _ bytes: [UInt8], mode: UInt32 = 0o600) throws {
    let file = "\(path)/\(relativePath)"
    try makeDirectories((file as NSString).deletingLastPathComponent, mode: 0o755)
    try createFile(file, with: bytes, mode: mode)
  }

  func write(_ relativePath: String, _ text: String, mode: UInt32 = 0o600) throws {
    try write(relativePath, Array(text.utf8), mode: mode)
  }

  /// Writes the configuration of an instance.
  func writeConfig(_ name: String, _ text: String) throws {
    try write("etc/namespaced-wireguard-vpn.d/\(name).conf", text)
  }

  func makeDirectory(_ relativePath: String) throws {
    try makeDirectories("\(path)/\(relativePath)", mode: 0o755)
  }

  func makeLink(_ relativePath: String, to target: String) throws {
    let link = "\(path)/\(relativePath)"
    try makeDirectories((link as NSString).deletingLastPathComponent, mode: 0o755)
    try makeSymbolicLink(link, to: target)
  }
}

/// The project's directory, from where this file is.
let projectDirectory = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path

/// A text file of the project.
func projectText(_ relativePath: String) throws -> String {
  let bytes = try readFile("\(projectDirectory)/\(relativePath)", limit: 1 << 20)
  return String(decoding: bytes, as: UTF8.self)
}
