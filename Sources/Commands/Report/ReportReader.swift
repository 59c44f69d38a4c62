internal import GeneratorCore
internal import Glibc
internal import Stage
internal import SystemCalls
internal import SystemdBus

/// Reads reports: files, records, systemd and the kernel.
struct ReportReader {
  private let manager: ServiceManager
  private let observer = Observer()
  /// Both by the instances that they are of: there can be hundreds.
  private let files: [InstanceName: LoadedInstance]
  private let units: [InstanceName: [ServiceManager.ListedUnit]]
  /// What could not be read that is about all instances.
  let unread: [String]

  init() throws(CommandFailure) {
    manager = try connected { () throws(DBusError) in try ServiceManager() }
    let (found, diagnostics) = ConfigDirectories().findAll()
    files = Dictionary(checkFiles(found.map(\.path)).map { ($0.name, $0) }) { first, _ in first }
    let manager = manager
    let listed = try connected { () throws(DBusError) in
      try manager.units(matching: ["\(packageName)*"])
    }
    var units: [InstanceName: [ServiceManager.ListedUnit]] = [:]
    for unit in listed {
      if let name = InstanceName(ofUnit: unit.name) { units[name, default: []].append(unit) }
    }
    self.units = units
    unread = geteuid() == 0 ? [] : diagnostics.map(\.description)
  }

  /// Every instance that has a file, a unit that is not inactive, or a record.
  var names: [InstanceName] {
    var names = Set(files.keys)
    names.formUnion(observer.recordedNames())
    for (name, units) in units where units.contains(where: { $0.active != "inactive" }) {
      names.insert(name)
    }
    return names.sorted { $0.text < $1.text }
  }

  /// The instance of that name; throws for one that there is not, with the nearest that there is.
  func find(_ text: String) throws(CommandFailure) -> InstanceName {
    if let name = names.first(where: { $0.text == text }) { return name }
    if !unread.isEmpty, let name = InstanceName(text) { return name }
    throw CommandFailure.noInstance(text, among: names.map(\.text))
  }

  func report(_ name: InstanceName) throws(CommandFailure) -> InstanceReport {
    var report = InstanceReport(name: name)
    report.file = files[name]
    report.isFileUnknown = report.file == nil && !unread.isEmpty
    report.time = Int64(time(nil))
    report.observed = observer.observe(name)
    report.unread = report.observed.unread
    let manager = manager
    let own = units[name] ?? []
    report.units = try connected { () throws(DBusError) in
      try own.map { (unit) throws(DBusError) in try readUnit(unit, manager) }
    }
    addMissingStages(&report)
    report.enablement = manager.unitFileState(name.target)
    report.pathMTU = pathMTU(report)
    try readAttached(&report)
    return report
  }

  /// Units that nobody has asked for are not in memory; they are inactive then.
  private func addMissingStages(_ report: inout InstanceReport) {
    var wanted = [report.name.target] + [StageName.netns, .wg].map(report.name.service)
    if report.instance?.tunnel != nil { wanted.append(report.name.service(.tunnel)) }
    for unit in wanted where report.unit(unit) == nil {
      report.units.append(UnitReport(name: unit))
    }
    let order = [report.name.target] + StageName.allCases.map(report.name.service)
    func rank(_ unit: UnitReport) -> Int { order.firstIndex(of: unit.name) ?? order.count }
    report.units.sort { (rank($0), $0.name) < (rank($1), $1.name) }
  }

  private func readUnit(
    _ unit: ServiceManager.ListedUnit, _ manager: ServiceManager
  ) throws(DBusError) -> UnitReport {
    var report = UnitReport(name: unit.name, active: unit.active)
    report.sub = unit.sub
    report.description = unit.description
    guard unit.name.hasSuffix(".service") else { return report }
    report.statusText = try manager.property("StatusText", of: unit.path)?.text ?? ""
    report.result = try manager.property("Result", of: unit.path)?.text ?? ""
    guard report.isActive else { return report }
    let entered = try manager.property("ActiveEnterTimestamp", of: unit.path, interface: "Unit")
    if let entered = entered?.number, entered > 0 { report.since = Int64(entered / 1_000_000) }
    return report
  }

  private func pathMTU(_ report: InstanceReport) -> UInt32? {
    let mark = report.observed.wireGuard?.fwMark ?? report.instance?.wireGuard.fwMark
    let used = (report.observed.wireGuard?.peers ?? []).compactMap(\.endpoint)
    let written = (report.instance?.wireGuard.peers ?? []).compactMap { peer -> SocketAddress? in
      guard case .address(let address) = peer.endpoint?.host, let port = peer.endpoint?.port
      else { return nil }
      return SocketAddress(address, port: port)
    }
    return (used.isEmpty ? written : used)
      .compactMap { observer.pathMTU(to: $0, mark: mark == 0 ? nil : mark) }.min()
  }

  // MARK: attached services

  private func readAttached(_ report: inout InstanceReport) throws(CommandFailure) {
    let configured = report.file?.confinement?.units ?? report.observed.attachedUnits
    let (manager, name, namespace) = (manager, report.name, report.observed.namespace)
    report.attached = try connected { () throws(DBusError) in
      // Those that a drop-in by hand binds are attached just as well.
      let path = try manager.load(name.service(.netns))
      let bound = try manager.property("BoundBy", of: path, interface: "Unit")?.elements ?? []
      let others = Set(bound.compactMap(\.text) + configured).filter {
        self.instance(ofUnit: $0) == nil && !$0.contains("@.")
          && ($0.hasSuffix(".service") || $0.hasSuffix(".socket"))
      }
      let listed = try manager.units(named: others.sorted())
      let there = listed.filter { unit in
        unit.load != "not-found" && unit.load != "bad-setting" || unit.active != "inactive"
      }
      let reports = try there.map { (unit) throws(DBusError) in
        try readAttached(unit, namespace, manager)
      }
      return reports + Self.missing(among: others, there: Set(there.map(\.name)))
    }
  }

  /// Services that are not there, and so are not confined whatever their file says.
  ///
  /// A service and its socket are named for each other, whether or not there are both.
  private static func missing(among names: Set<String>, there: Set<String>) -> [AttachedReport] {
    names.sorted().filter { name in
      guard name.hasSuffix(".service"), !there.contains(name) else { return false }
      return !there.contains(name.dropLast("service".count) + "socket")
    }.map { AttachedReport(unit: $0, active: "not-found", place: .nowhere) }
  }

  private func readAttached(
    _ unit: ServiceManager.ListedUnit, _ namespace: ObservedInstance.Namespace?,
    _ manager: ServiceManager
  ) throws(DBusError) -> AttachedReport {
    guard unit.name.hasSuffix(".service") else {
      return AttachedReport(unit: unit.name, active: unit.active, place: .nowhere)
    }
    let number = try manager.property("MainPID", of: unit.path)?.number
    guard let process = number.flatMap(Int32.init(exactly:)), process > 0 else {
      return AttachedReport(unit: unit.name, active: unit.active, place: .nowhere)
    }
    return AttachedReport(
      unit: unit.name, active: unit.active, process: process,
      place: ProcessPlace.find(process, namespace: namespace))
  }

  /// Whose unit a name is; nil for one that is not ours.
  private func instance(ofUnit unit: String) -> InstanceName? { InstanceName(ofUnit: unit) }
}

extension InstanceName {
  /// The instance that a unit of ours belongs to; nil for another's and for templates.
  init?(ofUnit unit: String) {
    guard unit.hasPrefix(packageName), let dot = unit.lastIndex(of: ".") else { return nil }
    let stem = unit[..<dot]
    if let at = stem.lastIndex(of: "@") {
      self.init(String(stem[stem.index(after: at)...]))
    } else {
      guard unit != Self.allTarget else { return nil }
      let words = stem.dropFirst(packageName.count)
      guard
        ["-netns", "-interface", "-tunnel", "-online"].contains(String(words))
          || words.hasPrefix("-publish-")
      else { return nil }
      self = .single
    }
  }
}
