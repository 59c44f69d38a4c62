/// Which file each attached unit belongs to: a service can run inside one namespace only.
struct UnitClaims {
  private var owners: [String: (path: String, claim: Claim)] = [:]
  /// Those of units that are in no file any more.
  private var takers: [String: String] = [:]

  /// Notes what the file claims; returns an error for every unit that an earlier one has.
  ///
  /// Files with faults count, for their units are confined as well.
  mutating func check(_ loaded: LoadedInstance) -> [Diagnostic] {
    var found: [Diagnostic] = []
    for item in loaded.attachedUnits {
      let claim = Claim(item.value.text, item)
      var other: Claim?
      for unit in item.value.confined {
        guard let owner = owners[unit] else {
          owners[unit] = (loaded.path, claim)
          continue
        }
        if owner.path != loaded.path { other = other ?? owner.claim }
      }
      if let other {
        found.append(
          claim.refusal(
            "is also an attached unit of \(other.place), which comes first; allowed: a unit that no"
              + " other file names"))
      }
    }
    return found
  }

  /// Those of `units` that belong to the file at `path`; of what no file claims the first one that
  /// asks is the owner.
  mutating func take(_ units: [String], for path: String) -> [String] {
    units.filter { unit in
      let owner = owners[unit]?.path ?? takers[unit] ?? path
      takers[unit] = owner
      return owner == path
    }
  }
}
