package import GeneratorCore
package import Stage
internal import SystemCalls

/// All that nswg knows of one instance, as a value; what is shown of it is made of this alone.
///
/// `file` can hold keys. Whatever renders a report takes single fields of it, never the whole.
package struct InstanceReport {
  package let name: InstanceName
  /// What became of its file; nil when there is none, or it could not be read.
  package var file: LoadedInstance?
  /// Whether its file could not even be looked for.
  package var isFileUnknown = false
  /// The units that are in systemd's memory, sorted by role and name.
  package var units: [UnitReport] = []
  /// `enabled`, `disabled` and so on, of the target.
  package var enablement: String?
  package var observed = ObservedInstance()
  /// The largest packet inside that fits the path to the endpoint, in bytes.
  package var pathMTU: UInt32?
  package var attached: [AttachedReport] = []
  /// Seconds since 1970, when all this was read.
  package var time: Int64 = 0
  package var unread: [String] = []

  package init(name: InstanceName) { self.name = name }

  package var instance: Instance? { file?.instance }

  /// What is wrong with its file; empty when nothing is.
  package var faults: [String] {
    (file?.diagnostics ?? []).filter(\.isError).map(\.description)
  }

  package var warnings: [String] {
    (file?.diagnostics ?? []).filter { !$0.isError }.map(\.description)
  }

  package func unit(_ name: String) -> UnitReport? { units.first { $0.name == name } }

  package func unit(_ stage: StageName) -> UnitReport? { unit(name.service(stage)) }
}

/// A unit of an instance.
package struct UnitReport: Equatable, Sendable {
  package let name: String
  /// `active`, `inactive`, `failed`, `activating`, `deactivating` or `reloading`.
  package var active: String
  package var sub = ""
  package var description = ""
  /// What its processes said last, sd_notify(3); empty when nothing.
  package var statusText = ""
  /// `success`, or how it failed.
  package var result = ""
  /// Seconds since 1970; nil when it is not active.
  package var since: Int64?

  package init(name: String, active: String = "inactive") {
    self.name = name
    self.active = active
  }

  package var isActive: Bool { active == "active" || active == "reloading" }
}

/// A service or socket that is bound to an instance's namespace.
package struct AttachedReport: Equatable, Sendable {
  package let unit: String
  /// As of a `UnitReport`, or `not-found`.
  package var active: String
  /// Its main process; nil when none runs.
  package var process: Int32?
  package var place: Place
  /// The file names it, and systemd knows no such unit.
  package var isMissing: Bool { active == "not-found" }

  package init(unit: String, active: String, process: Int32? = nil, place: Place) {
    self.unit = unit
    self.active = active
    self.process = process
    self.place = place
  }

  /// Where its main process is, by the inode of its network namespace.
  package enum Place: Equatable, Sendable {
    case inside(UInt64)
    case outside(UInt64, isHost: Bool)
    /// Nothing runs that could be anywhere.
    case nowhere
    case unknown(String)
  }
}
