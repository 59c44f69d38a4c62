internal import GeneratorCore
internal import Stage
internal import SystemCalls
internal import SystemdBus

/// Finds what can be migrated: the single file of the original, and files of wg-quick(8).
struct MigrationPlanner {
  static let wireGuardDirectory = "/etc/wireguard"
  private let manager: ServiceManager
  private let directories = ConfigDirectories()

  init(_ manager: ServiceManager) { self.manager = manager }

  /// `single` is what the original's VPN is to be called; by default as its namespace, or `vpn`.
  func plan(naming single: String?) throws(CommandFailure) -> Migration {
    var migration = Migration()
    let (found, diagnostics) = directories.findAll()
    if let denied = diagnostics.first(where: \.isError) {
      throw CommandFailure("\(denied); try again as root")
    }
    // What is there stays; the single file goes, or would clash with itself.
    var others = found.filter { !$0.name.isSingle }
    if let file = found.first(where: \.name.isSingle) {
      try addSingle(file, naming: single, &others, to: &migration)
    }
    let names = try system(try directoryNames(Self.wireGuardDirectory))
    for name in names where name.hasSuffix(".conf") {
      addWireGuard(String(name.dropLast(5)), &others, to: &migration)
    }
    return migration
  }

  private func addSingle(
    _ file: ConfigFile, naming text: String?, _ others: inout [ConfigFile],
    to migration: inout Migration
  ) throws(CommandFailure) {
    let namespace = checkFiles([file]).first?.confinement?.namespaceName
    let isDefault = namespace == InstanceName.single.text
    let wanted = text ?? (isDefault ? nil : namespace) ?? "vpn"
    guard let name = InstanceName(wanted), !name.isSingle else {
      throw CommandFailure(
        "\(quoted(wanted)) cannot name a VPN; allowed: \(InstanceName.allowed); give one with --name",
        status: .usage)
    }
    let units = StageName.allCases.map(InstanceName.single.service)
    let (manager, before) = (manager, migration.moves.count)
    let active = try connected { () throws(DBusError) in
      try manager.units(named: units).filter { $0.active == "active" }.map(\.name)
    }
    add(
      ConfigFile(name: name, path: file.path), &others, retired: "\(file.path).migrated",
      stopped: active, to: &migration)
    guard migration.moves.count > before else { return }
    migration.left += mentions(of: units, becoming: name)
  }

  private func addWireGuard(
    _ stem: String, _ others: inout [ConfigFile], to migration: inout Migration
  ) {
    let path = "\(Self.wireGuardDirectory)/\(stem).conf"
    guard let name = InstanceName(stem), !name.isSingle else {
      return migration.skipped.append(
        Migration.Skip(file: path, reasons: ["its name cannot name a VPN: nswg add --name NAME"]))
    }
    let before = migration.moves.count
    add(ConfigFile(name: name, path: path), &others, to: &migration)
    guard migration.moves.count > before else { return }
    let unit = "wg-quick@\(stem).service"
    let isActive = (try? manager.units(named: [unit]))?.contains { $0.active == "active" } ?? false
    guard isActive || manager.unitFileState(unit)?.hasPrefix("enabled") ?? false else { return }
    migration.left.append(
      "before you start '\(name)', for two cannot have one key: systemctl disable --now \(unit)")
  }

  /// A move, when the file is good beside all others and its name is free.
  private func add(
    _ file: ConfigFile, _ others: inout [ConfigFile], retired: String? = nil,
    stopped: [String] = [], to migration: inout Migration
  ) {
    if let taken = directories.find(file.name)?.path ?? directories.findMask(file.name)
      ?? others.first(where: { $0.name == file.name })?.path
    {
      return migration.skipped.append(
        Migration.Skip(
          file: file.path,
          reasons: ["there is a VPN '\(file.name)' already: '\(taken)'"]))
    }
    guard let loaded = checkFiles(others + [file]).last, loaded.instance != nil else {
      let reasons = checkFiles(others + [file]).last?.diagnostics.filter(\.isError) ?? []
      return migration.skipped.append(
        Migration.Skip(file: file.path, reasons: reasons.map(\.description)))
    }
    others.append(file)
    migration.moves.append(
      Migration.Move(
        name: file.name.text, from: file.path, to: ConfigDirectories.preferredPath(file.name),
        retired: retired, stopped: stopped,
        warnings: loaded.diagnostics.filter { !$0.text.contains("others than its owner") }
          .map(\.description)))
  }

  /// Files of root's that name the old units.
  private func mentions(of units: [String], becoming name: InstanceName) -> [String] {
    var lines: [String] = []
    let directory = "/etc/systemd/system"
    for entry in (try? directoryNames(directory)) ?? [] {
      let path = "\(directory)/\(entry)"
      let isDirectory = ((try? linkStatus(path)) ?? nil)?.kind == .directory
      let files =
        isDirectory ? ((try? directoryNames(path)) ?? []).map { "\(path)/\($0)" } : [path]
      for file in files where ((try? linkStatus(file)) ?? nil)?.kind == .regular {
        let text = String(decoding: (try? readFile(file, limit: 1 << 20)) ?? [], as: UTF8.self)
        for (stage, unit) in zip(StageName.allCases, units) where text.contains(unit) {
          lines.append("in \(file): replace \(unit) by \(name.service(stage))")
        }
      }
    }
    return lines
  }
}
