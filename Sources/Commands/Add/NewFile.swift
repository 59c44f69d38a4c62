internal import GeneratorCore
internal import Glibc
internal import SystemCalls

/// A file on its way to its place in /etc.
struct NewFile {
  let name: InstanceName
  let bytes: [UInt8]
  let instance: Instance
  let warnings: [Diagnostic]
  var path: String { ConfigDirectories.preferredPath(name) }

  /// Checks it beside those that are in place; throws all that is wrong with it.
  ///
  /// Without `name` it is called as its file.
  init(_ source: String, name text: String?) throws(CommandFailure) {
    let end = source.split(separator: "/").last.map(String.init) ?? source
    let stem = text ?? (end.hasSuffix(".conf") ? String(end.dropLast(5)) : end)
    guard let name = InstanceName(stem), !name.isSingle else {
      throw CommandFailure(
        "\(quoted(stem)) cannot name a VPN; allowed: \(InstanceName.allowed); give one with --name",
        status: .usage)
    }
    let directories = ConfigDirectories()
    if let denied = directories.findAll().diagnostics.first(where: \.isError), geteuid() != 0 {
      throw CommandFailure("\(denied); try again as root")
    }
    if let path = directories.find(name)?.path ?? directories.findMask(name) {
      throw CommandFailure(
        "there is a VPN '\(name)' already: '\(path)'; give another name with --name, or remove it"
          + " first: nswg remove \(name)")
    }
    let file = ConfigFile(name: name, path: source)
    let others = directories.findAll().files
    // Read once: what is checked is what is written.
    bytes = try system(try readFile(source, limit: ConfigDirectories.sizeLimit))
    guard let loaded = checkFiles(others + [file]).last, loaded.path == source else {
      throw CommandFailure("'\(source)' could not be checked")
    }
    guard let instance = loaded.instance else {
      let errors = loaded.diagnostics.filter(\.isError).map(\.description)
      throw CommandFailure("not added: \(errors.joined(separator: "\n      "))")
    }
    self.name = name
    self.instance = instance
    // Of the file as it lies there; in its place it has mode 0600.
    warnings = loaded.diagnostics.filter { !$0.text.contains("others than its owner") }
  }

  /// Puts it into place, readable by root only.
  func write() throws(CommandFailure) { try writeConfig(bytes, to: path) }
}

/// Creates a file with keys, and its directory when that is missing, for root only.
func writeConfig(_ bytes: [UInt8], to path: String) throws(CommandFailure) {
  try system(try makeDirectories(parentDirectory(path), mode: 0o700))
  try system(try createFile(path, with: bytes, mode: 0o600))
}
