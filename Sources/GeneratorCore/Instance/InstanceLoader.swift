internal import SystemCalls

/// What became of one configuration file: an instance, or the reasons why there is none.
package struct LoadedInstance {
  package let name: InstanceName
  package let path: String
  /// Nil when `diagnostics` holds an error.
  package let instance: Instance?
  package let diagnostics: [Diagnostic]
  /// Whether the file says `AUTOSTART=yes`: then even one with a fault is to be seen to fail.
  package let wantsAutostart: Bool

  package init(
    name: InstanceName, path: String, instance: Instance?, diagnostics: [Diagnostic],
    wantsAutostart: Bool = false
  ) {
    self.name = name
    self.path = path
    self.instance = instance
    self.diagnostics = diagnostics
    self.wantsAutostart = wantsAutostart
  }

  /// The same file with a fault that only shows beside other files.
  func refused(_ faults: [Diagnostic]) -> LoadedInstance {
    guard !faults.isEmpty else { return self }
    return LoadedInstance(
      name: name, path: path, instance: faults.contains(where: \.isError) ? nil : instance,
      diagnostics: diagnostics + faults, wantsAutostart: wantsAutostart)
  }
}

/// Reads, parses and validates one file.
///
/// With `source` the bytes come from there, as for a copy that systemd passes as credential, while
/// messages and units name the file itself.
package func loadInstance(_ file: ConfigFile, readingFrom source: String? = nil) -> LoadedInstance {
  do throws(SystemError) {
    let bytes = try readFile(source ?? file.path, limit: ConfigDirectories.sizeLimit)
    // A credential's mode says nothing about the file it was made from.
    let permissions = source == nil ? try fileStatus(file.path)?.permissions ?? 0 : 0
    return parseInstance(file, bytes: bytes, permissions: permissions)
  } catch {
    let text =
      error.isTooLarge
      ? "is larger than \(ConfigDirectories.sizeLimit) bytes, which no configuration is"
      : error.reason
    return LoadedInstance(
      name: file.name, path: file.path, instance: nil,
      diagnostics: [Diagnostic(.error, SourceLocation(file.path), text)])
  }
}

/// The pure part of `loadInstance`; `permissions` are the file's, as in `0o600`.
package func parseInstance(
  _ file: ConfigFile, bytes: [UInt8], permissions: UInt32 = 0o600
) -> LoadedInstance {
  let read = ReadConfig(parsing: bytes, path: file.path)
  var diagnostics = read.diagnostics
  var instance: Instance?
  if !read.isUnreadable {
    var validator = InstanceValidator(file: file, read: read)
    instance = validator.validate()
    diagnostics += validator.diagnostics
    if permissions & 0o077 != 0 {
      diagnostics.append(
        Diagnostic(
          .warning, SourceLocation(file.path),
          "others than its owner may read this file, which can hold a private key; remedy:"
            + " chmod 600 \(file.path)"))
    }
  }
  let isFaulty = diagnostics.contains(where: \.isError)
  return LoadedInstance(
    name: file.name, path: file.path, instance: isFaulty ? nil : instance,
    diagnostics: diagnostics.limited(path: file.path),
    wantsAutostart: read.config.autostart?.value ?? false)
}
