/// systemd as its D-Bus interface has it, org.freedesktop.systemd1(5).
package struct ServiceManager {
  package let bus: SystemBus

  package init(_ bus: SystemBus) { self.bus = bus }

  /// Connects.
  package init() throws(DBusError) { self.init(try SystemBus()) }

  private static let destination = "org.freedesktop.systemd1"

  private func manager(
    _ operation: String, _ member: String, _ arguments: [DBusValue] = [], timeout: UInt64 = 0
  ) throws(DBusError) -> [DBusValue] {
    try bus.call(
      operation,
      RemoteObject(
        destination: Self.destination, path: "/org/freedesktop/systemd1",
        interface: "\(Self.destination).Manager"), member, arguments, timeout: timeout)
  }

  /// A unit in a list.
  package struct ListedUnit: Equatable, Sendable {
    package let name: String
    package let description: String
    /// `loaded`, `not-found`, `masked` and so on.
    package let load: String
    /// `active`, `inactive`, `failed`, `activating`, `deactivating` or `reloading`.
    package let active: String
    /// As `exited` or `running`.
    package let sub: String
    package let path: String

    init?(_ value: DBusValue) {
      let fields = value.elements
      guard fields.count >= 7, let name = fields[0].text, let description = fields[1].text,
        let load = fields[2].text, let active = fields[3].text, let sub = fields[4].text,
        let path = fields[6].text
      else { return nil }
      self.name = name
      self.description = description
      self.load = load
      self.active = active
      self.sub = sub
      self.path = path
    }
  }

  /// The units of those names, loaded or not.
  package func units(named names: [String]) throws(DBusError) -> [ListedUnit] {
    guard !names.isEmpty else { return [] }
    return try manager("listing units", "ListUnitsByNames", [.strings(names)])
      .flatMap(\.elements).compactMap(ListedUnit.init)
  }

  /// The units in memory that a pattern of glob(7) fits.
  package func units(matching patterns: [String]) throws(DBusError) -> [ListedUnit] {
    guard !patterns.isEmpty else { return [] }
    return try manager(
      "listing units", "ListUnitsByPatterns", [.strings([]), .strings(patterns)]
    ).flatMap(\.elements).compactMap(ListedUnit.init)
  }

  /// All properties of a unit, of its kind's interface (`Service`, `Socket`) and of `Unit`.
  package func properties(
    of path: String, kind: String = "Service"
  ) throws(DBusError) -> [String: DBusValue] {
    var all: [String: DBusValue] = [:]
    for interface in ["Unit", kind] {
      let answer = try bus.call(
        "reading the properties of a unit", propertiesObject(path), "GetAll",
        [.string("\(Self.destination).\(interface)")])
      for value in answer { all.merge(value.dictionary) { $1 } }
    }
    return all
  }

  /// One property of a unit, of its kind's interface or of `Unit`; for all of them systemd reads the
  /// files of a control group, too, which takes milliseconds.
  package func property(
    _ name: String, of path: String, interface: String = "Service"
  ) throws(DBusError) -> DBusValue? {
    try bus.call(
      "reading \(name)= of a unit", propertiesObject(path), "Get",
      [.string("\(Self.destination).\(interface)"), .string(name)]
    ).first
  }

  private func propertiesObject(_ path: String) -> RemoteObject {
    RemoteObject(
      destination: Self.destination, path: path, interface: "org.freedesktop.DBus.Properties")
  }

  /// Loads the unit and returns its object; a unit without a file has one, too.
  package func load(_ unit: String) throws(DBusError) -> String {
    try path(
      manager("loading unit '\(unit)'", "LoadUnit", [.string(unit)]), "loading unit '\(unit)'")
  }

  /// `enabled`, `disabled`, `static` and so on; nil without a unit file.
  package func unitFileState(_ unit: String) -> String? {
    let answer = try? manager("reading a unit file's state", "GetUnitFileState", [.string(unit)])
    return answer?.first?.text
  }

  /// What a job did: the object of the job that was queued.
  package enum Verb: String, Sendable {
    case start = "StartUnit"
    case stop = "StopUnit"
    case restart = "RestartUnit"
    case reload = "ReloadUnit"
  }

  /// Queues a job and returns its object, for ``JobWatch``.
  package func queue(_ verb: Verb, _ unit: String) throws(DBusError) -> String {
    let operation = "asking systemd for '\(unit)'"
    return try path(
      manager(operation, verb.rawValue, [.string(unit), .string("replace")]), operation)
  }

  /// `systemctl daemon-reload`; returns when all generators have run.
  package func reload() throws(DBusError) {
    _ = try manager("reloading systemd's configuration", "Reload", timeout: 90)
  }

  /// `systemctl enable`.
  package func enable(_ unit: String) throws(DBusError) {
    _ = try manager(
      "enabling '\(unit)'", "EnableUnitFiles",
      [.strings([unit]), .boolean(false), .boolean(false)])
  }

  /// `systemctl disable`.
  package func disable(_ unit: String) throws(DBusError) {
    _ = try manager(
      "disabling '\(unit)'", "DisableUnitFiles", [.strings([unit]), .boolean(false)])
  }

  /// `systemctl reset-failed`; a unit that is not in memory is fine.
  package func resetFailed(_ unit: String) {
    _ = try? manager("resetting '\(unit)'", "ResetFailedUnit", [.string(unit)])
  }

  /// `systemctl kill`.
  package func kill(_ unit: String, signal: Int32) throws(DBusError) {
    _ = try manager(
      "sending a signal to '\(unit)'", "KillUnit",
      [.string(unit), .string("all"), .int32(signal)])
  }

  /// Queues the start of a unit that has no file, and returns the job's object.
  package func startTransient(
    _ unit: String, _ properties: [TransientProperty]
  ) throws(DBusError) -> String {
    let fields = properties.map { property in
      DBusValue.structure([.string(property.name), .variant(property.value)])
    }
    let operation = "starting '\(unit)'"
    return try path(
      manager(
        operation, "StartTransientUnit",
        [
          .string(unit), .string("fail"), .array(of: "(sv)", fields), .array(of: "(sa(sv))", []),
        ]), operation)
  }

  /// Has systemd send signals about units and jobs, and us receive them.
  package func subscribe() throws(DBusError) {
    try bus.listen(
      to: "type='signal',path_namespace='/org/freedesktop/systemd1'")
    // Refused on systemd's own socket, where signals come without.
    do throws(DBusError) { _ = try manager("subscribing", "Subscribe") } catch {
      guard error.name?.hasSuffix(".AlreadySubscribed") ?? false else { throw error }
    }
  }

  private func path(_ answer: [DBusValue], _ operation: String) throws(DBusError) -> String {
    guard let path = answer.first?.text else {
      throw DBusError(operation, reason: "no object in the answer")
    }
    return path
  }
}

/// A setting of a transient unit, as org.freedesktop.systemd1(5) types it.
package struct TransientProperty: Equatable, Sendable {
  package let name: String
  package let value: DBusValue

  package init(_ name: String, _ value: DBusValue) {
    self.name = name
    self.value = value
  }
}
