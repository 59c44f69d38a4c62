internal import SystemCalls

/// A configuration file that counts: the first of its name, and not masked.
package struct ConfigFile: Equatable, Sendable {
  package let name: InstanceName
  package let path: String
  /// As the directory says; false where it has not been asked.
  let isRegular: Bool

  package init(name: InstanceName, path: String, isRegular: Bool = false) {
    self.name = name
    self.path = path
    self.isRegular = isRegular
  }
}

/// Where configuration files are looked for, below `root` (`""` for the real one).
package struct ConfigDirectories: Sendable {
  private let root: String

  package init(root: String = "") {
    self.root = root
  }

  /// Of two files with one name the earlier directory's wins, as for systemd's own files.
  private static let directories = ["/etc", "/run", "/usr/lib"].map { "\($0)/\(packageName).d" }
  private static let suffix = ".conf"
  private static let singlePath = "/etc/\(packageName)/\(packageName).conf"

  /// Where a user would create the file of an instance.
  package static func preferredPath(_ name: InstanceName) -> String {
    name.isSingle ? singlePath : "\(directories[0])/\(name)\(suffix)"
  }

  /// The largest file that is read, in bytes: ten times what 5,000 peers with ten networks each take.
  ///
  /// The boot waits while it is read.
  package static let sizeLimit = 1 << 24

  /// The largest file that reaches the stages as credential, where one has to, in bytes: to all
  /// credentials of a unit systemd gives 1 MiB (`CREDENTIALS_TOTAL_SIZE_MAX`), a key is one, too,
  /// and a file may grow before the next daemon-reload.
  package static let credentialLimit = 1 << 19

  /// All files, sorted by instance name, and what is wrong with names and directories.
  package func findAll() -> (files: [ConfigFile], diagnostics: [Diagnostic]) {
    var diagnostics: [Diagnostic] = []
    var found: [(path: String, entry: DirectoryEntry)] = []
    for directory in Self.directories.map({ root + $0 }) {
      do throws(SystemError) {
        let entries = try directoryEntries(directory)
        let earlier = entries.isEmpty ? [] : Set(found.lazy.map(\.entry.name))
        for entry in entries
        where entry.name.hasSuffix(Self.suffix) && !earlier.contains(entry.name) {
          found.append((joined(directory, "/", entry.name), entry))
        }
      } catch {
        diagnostics.append(
          Diagnostic(
            .error, SourceLocation(directory), "\(error.reason); no VPN of its files is there"))
      }
    }
    found.sort { $0.entry.name < $1.entry.name }
    var files: [ConfigFile] = []
    for (path, entry) in found where entry.isRegularFile || !isMasked(path) {
      let stem = String(Substring(entry.name.utf8.dropLast(Self.suffix.utf8.count)))
      if let name = InstanceName(stem), !name.isSingle {
        files.append(ConfigFile(name: name, path: path, isRegular: entry.isRegularFile))
      } else if !stem.isEmpty && !stem.hasPrefix(".") {
        diagnostics.append(Diagnostic(.error, SourceLocation(path), badName(stem)))
      }
    }
    if exists(root + Self.singlePath), !isMasked(root + Self.singlePath) {
      files.append(ConfigFile(name: .single, path: root + Self.singlePath))
    }
    return (files, diagnostics)
  }

  /// The file of one instance, or nil when there is none or it is masked.
  package func find(_ name: InstanceName) -> ConfigFile? {
    firstPath(name).flatMap { isMasked($0) ? nil : ConfigFile(name: name, path: $0) }
  }

  /// The link to /dev/null by which an instance is masked; nil when it is not.
  package func findMask(_ name: InstanceName) -> String? {
    firstPath(name).flatMap { isMasked($0) ? $0 : nil }
  }

  private func firstPath(_ name: InstanceName) -> String? {
    let candidates =
      name.isSingle ? [Self.singlePath] : Self.directories.map { "\($0)/\(name)\(Self.suffix)" }
    return candidates.map { root + $0 }.first(where: exists)
  }

  private func badName(_ stem: String) -> String {
    stem == InstanceName.single.text
      ? "this name is kept for the units of the old single file; choose another; ignoring the file"
      : "\(quoted(stem)) cannot name an instance; allowed: \(InstanceName.allowed);"
        + " ignoring the file"
  }

  /// Links that lead nowhere exist, too: they are to be reported, not overlooked.
  private func exists(_ path: String) -> Bool {
    do throws(SystemError) { return try linkStatus(path) != nil } catch { return true }
  }

  /// A link to /dev/null, as for systemd's own files.
  private func isMasked(_ path: String) -> Bool {
    guard let status = try? linkStatus(path), status.kind == .link else { return false }
    return (try? symbolicLinkTarget(path)) == "/dev/null"
  }
}

extension SystemError {
  /// The reason alone, for a message that already begins with the path.
  var reason: String { "cannot be read: \(errorText(number))" }
}
