extension ReadConfig {
  /// Gives each assignment of an environment file to its row of the table.
  mutating func readEnvironment(_ assignments: [Assignment]) {
    let assignments = dropRepeated(assignments)
    for assignment in assignments {
      if let key = ConfigKey.all.first(where: { $0.isSpelled(assignment.key) }) {
        refuseSecondSpelling(assignment, of: key, among: assignments)
        read(assignment, as: key)
      } else {
        diagnoseUnknown(assignment)
      }
    }
  }

  /// The last of several assignments to one key counts, as in an EnvironmentFile=.
  private mutating func dropRepeated(_ assignments: [Assignment]) -> [Assignment] {
    guard hasRepeated(assignments) else { return assignments }
    var kept: [Assignment] = []
    var indexes: [String: Int] = [:]
    for assignment in assignments {
      guard let index = indexes[assignment.key] else {
        indexes[assignment.key] = kept.count
        kept.append(assignment)
        continue
      }
      report(
        .warning, assignment.keyLocation,
        "\(shown(assignment.key)) was set before, in line \(kept[index].keyLocation.line);"
          + " this later value counts")
      kept[index] = assignment
    }
    return kept
  }

  /// Whether a key is there twice; or perhaps so, where there are too many to compare each with each.
  private func hasRepeated(_ assignments: [Assignment]) -> Bool {
    guard assignments.count <= 40 else { return true }
    return assignments.indices.contains { index in
      let key = assignments[index].key
      return assignments[..<index].contains {
        $0.key.utf8.count == key.utf8.count && $0.key == key
      }
    }
  }

  private func shown(_ key: String) -> String {
    ConfigKey.all.contains { $0.isSpelled(key) } ? "\(key)=" : quotedKey(key)
  }

  private mutating func refuseSecondSpelling(
    _ assignment: Assignment, of key: ConfigKey, among assignments: [Assignment]
  ) {
    // Said of the later one only.
    guard !key.aliases.isEmpty,
      let other = assignments.first(where: { key.isSpelled($0.key) }),
      other.key != assignment.key, other.value != assignment.value
    else { return }
    report(
      .error, assignment.keyLocation,
      "\(assignment.key)= and \(other.key)= (line \(other.keyLocation.line)) mean the same and"
        + " have different values; keep one of them")
  }

  private mutating func diagnoseUnknown(_ assignment: Assignment) {
    // Nobody sees the hints of a file full of unknown keys, which would take long to find.
    let known = diagnostics.count < messageLimit ? ConfigKey.all.flatMap(\.spellings) : []
    let hint = nearest(to: assignment.key, among: known).map { "; did you mean \($0)=?" } ?? ""
    report(
      .warning, assignment.keyLocation,
      "unknown key \(quotedKey(assignment.key)); ignoring it\(hint)")
  }
}
