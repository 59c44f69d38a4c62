package import GeneratorCore

/// What the next daemon-reload would change: units, and what becomes of instances that run.
package struct ReloadPlan: Equatable {
  package enum Change: Equatable {
    case added
    case removed
    /// With the lines of a diff.
    case changed([String])
  }

  package struct UnitChange: Equatable {
    package let path: String
    package let change: Change

    package init(path: String, _ change: Change) {
      self.path = path
      self.change = change
    }
  }

  /// What `systemctl reload` of a unit gives a running instance.
  package struct Reload: Equatable {
    package let unit: String
    package let changes: [String]

    package init(unit: String, changes: [String]) {
      self.unit = unit
      self.changes = changes
    }
  }

  /// What a running instance takes, and how.
  package struct Effect: Equatable {
    package let name: String
    /// Nil when a reload would change nothing.
    package let reload: Reload?
    /// By more than that, each with its remedy.
    package let restart: [String]
    /// What else there is to say.
    package let note: String?

    package init(
      name: String, reload: Reload? = nil, restart: [String] = [],
      note: String? = nil
    ) {
      self.name = name
      self.reload = reload
      self.restart = restart
      self.note = note
    }
  }

  package let units: [UnitChange]
  package let effects: [Effect]

  package init(units: [UnitChange], effects: [Effect]) {
    self.units = units
    self.effects = effects
  }

  package var isEmpty: Bool { units.isEmpty && effects.isEmpty }

  /// The difference between what is loaded and what is planned, in the order of the paths.
  package static func compare(_ loaded: LoadedUnits, _ plan: UnitPlan) -> [UnitChange] {
    var old = loaded.files
    for link in loaded.links { old[link.key] = "-> \(link.value)\n" }
    var new = Dictionary(plan.files.map { ($0.path, $0.text) }) { $1 }
    for link in plan.links { new[link.path] = "-> \(link.target)\n" }
    return Set(old.keys).union(new.keys).sorted().compactMap { path in
      switch (old[path], new[path]) {
      case (nil, .some): UnitChange(path: path, .added)
      case (.some, nil): UnitChange(path: path, .removed)
      case (.some(let before), .some(let after)) where before != after:
        UnitChange(path: path, .changed(TextDifference.lines(from: before, to: after)))
      default: nil
      }
    }
  }
}

/// Units of ours that the generator wrote last, by their paths below its output directory.
package struct LoadedUnits: Equatable {
  package var files: [String: String] = [:]
  /// To their targets.
  package var links: [String: String] = [:]

  package init() {}
}
