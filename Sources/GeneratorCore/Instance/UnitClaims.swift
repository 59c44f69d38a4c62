/// Which file each attached unit belongs to: a service can run inside one namespace only.
struct UnitClaims {
  private var owners: [String: String] = [:]

  /// Notes what the file claims; returns an error for every unit that an earlier one has.
  ///
  /// Files with faults count, for their units are confined as well.
  mutating func check(_ loaded: LoadedInstance) -> [Diagnostic] {
    var found: [Diagnostic] = []
    for unit in loaded.confinement?.units ?? [] {
      if let owner = owners[unit] {
        // Of a service and its socket the service is what the file names.
        guard unit.hasSuffix(".service") else { continue }
        found.append(
          Diagnostic(
            .error, SourceLocation(loaded.path),
            "the attached unit '\(unit)' is also that of \(owner), which comes first; name it in"
              + " one of the files"))
      } else {
        owners[unit] = loaded.path
      }
    }
    return found
  }

  /// Those of `units` that belong to the file at `path`; what nobody has claimed does from now on.
  mutating func claim(_ units: [String], for path: String) -> [String] {
    units.filter { unit in
      let owner = owners[unit] ?? path
      owners[unit] = owner
      return owner == path
    }
  }
}
