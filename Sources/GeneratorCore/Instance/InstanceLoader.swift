internal import SystemCalls

/// What became of one configuration file: an instance, or the reasons why there is none.
package struct LoadedInstance {
  package let name: InstanceName
  package let path: String
  /// Nil when `diagnostics` holds an error.
  package let instance: Instance?
  /// What no other instance can have, and where the file says so; nil without an instance.
  let claims: Claims?
  package let diagnostics: [Diagnostic]
  /// Whether the file says `AUTOSTART=yes`: then even one with a fault is to be seen to fail.
  package let wantsAutostart: Bool
  /// Which units run inside, even when there is no instance.
  package let confinement: Confinement?
  /// The names that it has them from.
  let attachedUnits: [Located<AttachedUnit>]

  /// `findings` are the file's own, in any order and number.
  fileprivate init(
    _ file: ConfigFile, instance: Instance? = nil, config: Config? = nil, findings: [Diagnostic]
  ) {
    name = file.name
    path = file.path
    let instance = findings.contains(where: \.isError) ? nil : instance
    self.instance = instance
    claims = config.flatMap { config in instance.map { Claims(of: $0, config) } }
    diagnostics =
      findings.isEmpty ? [] : findings.inOrder.limited(path: path).concluded(name)
    wantsAutostart = config?.autostart?.value ?? false
    confinement = instance?.confinement ?? config.map { Confinement($0, name: file.name) }
    // What confines nothing may be anything, even a key that was pasted there.
    attachedUnits = (config?.attachedUnits?.value ?? []).filter { !$0.value.confined.isEmpty }
  }

  private init(_ loaded: LoadedInstance, adding faults: [Diagnostic]) {
    name = loaded.name
    path = loaded.path
    let isRefused = faults.contains(where: \.isError)
    instance = isRefused ? nil : loaded.instance
    claims = isRefused ? nil : loaded.claims
    diagnostics =
      (loaded.diagnostics + faults.inOrder.limited(path: path).concluded(name)).inOrder
    wantsAutostart = loaded.wantsAutostart
    confinement = loaded.confinement
    attachedUnits = loaded.attachedUnits
  }

  /// The same file with faults that only show beside other files.
  func refused(_ faults: [Diagnostic]) -> LoadedInstance {
    LoadedInstance(self, adding: faults)
  }
}

extension [Diagnostic] {
  /// As somebody reads the file who mends it; what is about the whole file comes last.
  fileprivate var inOrder: [Diagnostic] {
    func rank(_ diagnostic: Diagnostic) -> (line: Int, column: Int) {
      let location = diagnostic.location
      return (location.line == 0 ? .max : location.line, location.column)
    }
    return sorted { rank($0) < rank($1) }
  }

  /// Every error of a file has one consequence; warnings say theirs themselves.
  fileprivate func concluded(_ name: InstanceName) -> [Diagnostic] {
    map { diagnostic in
      guard diagnostic.isError else { return diagnostic }
      return Diagnostic(
        .error, diagnostic.location, "\(diagnostic.text); VPN '\(name)' does not start")
    }
  }
}

/// Reads, parses and validates one file.
///
/// With `source` the bytes come from there, as for a copy that systemd passes as credential, while
/// messages and units name the file itself.
package func loadInstance(_ file: ConfigFile, readingFrom source: String? = nil) -> LoadedInstance {
  do throws(SystemError) {
    guard let read = try readRegular(source ?? file.path, isKnown: file.isRegular && source == nil)
    else {
      return LoadedInstance(
        file,
        findings: [
          Diagnostic(
            .error, SourceLocation(file.path),
            "is not a regular file; allowed: a file, or a link to one")
        ])
    }
    // A credential's mode says nothing about the file it was made from.
    guard source == nil else { return parseInstance(file, bytes: read.bytes) }
    let isLink = file.isRegular ? false : try linkStatus(file.path)?.kind == .link
    return parseInstance(
      file, bytes: read.bytes, permissions: read.permissions, isOwn: read.owner == effectiveUser,
      isLink: isLink)
  } catch {
    let text =
      error.isTooLarge
      ? "is larger than \(ConfigDirectories.sizeLimit) bytes, which no configuration is"
      : error.reason
    return LoadedInstance(
      file, findings: [Diagnostic(.error, SourceLocation(file.path), text)])
  }
}

/// What a file holds, its permissions and owner; nil for a device and the like.
///
/// With `isKnown` the directory says that it is a regular file.
private func readRegular(
  _ path: String, isKnown: Bool
) throws(SystemError) -> (bytes: [UInt8], permissions: UInt32, owner: UInt32)? {
  // Looked at before it is opened: opening alone can do something to a device.
  if !isKnown, let status = try fileStatus(path), !status.kind.isReadable { return nil }
  let descriptor = try OwnedFileDescriptor.openForReading(path)
  let status = try descriptor.status(path)
  guard status.kind.isReadable else { return nil }
  let bytes = try descriptor.readAll(
    limit: ConfigDirectories.sizeLimit, path, size: status.kind == .regular ? status.size : nil)
  return (bytes, status.permissions, status.owner)
}

extension FileStatus.Kind {
  /// Not so of a FIFO, a socket or a device; what is not there or is a directory has an error of
  /// its own when it is read.
  fileprivate var isReadable: Bool { self != .characterDevice && self != .other }
}

/// The pure part of `loadInstance`; `permissions` are the file's, as in `0o600`, `isOwn` says that it
/// belongs to who reads it, which is root.
package func parseInstance(
  _ file: ConfigFile, bytes: [UInt8], permissions: UInt32 = 0o600, isOwn: Bool = true,
  isLink: Bool = false
) -> LoadedInstance {
  let read = ReadConfig(parsing: bytes, path: file.path)
  var diagnostics = read.diagnostics
  var instance: Instance?
  if !read.isUnreadable {
    // The stages have no CAP_DAC_OVERRIDE, capabilities(7), by which root reads what is others',
    // and a link may lead to where their sandbox has nothing.
    let isOthers = !isOwn && permissions & 0o004 == 0
    let fitsCredential = bytes.count <= ConfigDirectories.credentialLimit
    var validator = InstanceValidator(
      file: file, read: read,
      access: !fitsCredential ? .direct : isOthers || isLink ? .credential : .either)
    instance = validator.validate()
    diagnostics += validator.diagnostics
    if permissions & 0o077 != 0 {
      diagnostics.append(
        Diagnostic(
          .warning, SourceLocation(file.path),
          "others than its owner may read this file, which can hold a private key; reading it all"
            + " the same; remedy: chmod 600 \(file.path)"))
    }
    if isOthers && !fitsCredential {
      diagnostics.append(
        Diagnostic(
          .error, SourceLocation(file.path),
          "does not belong to root; a file of more than \(ConfigDirectories.credentialLimit)"
            + " bytes has to, for no systemd credential takes it; remedy: chown root \(file.path)"))
    }
  }
  return LoadedInstance(
    file, instance: instance, config: read.config, findings: diagnostics)
}
