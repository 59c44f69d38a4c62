/// What the assignments of one file say, and every fault in their keys and values.
package struct ReadConfig {
  package private(set) var config = Config()
  package private(set) var diagnostics: [Diagnostic] = []
  /// Keys that are there but whose value was refused, by their name in the table.
  package private(set) var refusedKeys: [String] = []

  /// Gives each assignment to its row of the table.
  package init(_ assignments: [Assignment]) {
    let assignments = dropRepeated(assignments)
    for assignment in assignments {
      if let key = ConfigKey.all.first(where: { $0.spellings.contains(assignment.key) }) {
        read(assignment, as: key, among: assignments)
      } else {
        diagnoseUnknown(assignment)
      }
    }
  }

  /// The last of several assignments to one key counts, as in an EnvironmentFile=.
  private mutating func dropRepeated(_ assignments: [Assignment]) -> [Assignment] {
    var kept: [Assignment] = []
    var indexes: [String: Int] = [:]
    for assignment in assignments {
      guard let index = indexes[assignment.key] else {
        indexes[assignment.key] = kept.count
        kept.append(assignment)
        continue
      }
      diagnostics.append(
        Diagnostic(
          .warning, assignment.keyLocation,
          "\(assignment.key)= was set before, in line \(kept[index].keyLocation.line);"
            + " this later value counts"))
      kept[index] = assignment
    }
    return kept
  }

  private mutating func read(
    _ assignment: Assignment, as key: ConfigKey, among assignments: [Assignment]
  ) {
    let isOther: (Assignment) -> Bool = {
      $0.key != assignment.key && $0.value != assignment.value && key.spellings.contains($0.key)
    }
    if let other = assignments.first(where: isOther) {
      diagnostics.append(
        Diagnostic(
          .error, assignment.keyLocation,
          "\(assignment.key)= and \(other.key)= (line \(other.keyLocation.line)) mean the same and"
            + " have different values; keep one of them"))
    }
    guard let fault = key.read(assignment, &config) else { return }
    refusedKeys.append(key.name)
    let value = key.isSecret ? "the value" : quoted(assignment.value)
    diagnostics.append(
      Diagnostic(
        .error, assignment.valueLocation,
        "\(assignment.key)=: \(value) \(fault.problem); allowed: \(fault.allowed)"))
  }

  private mutating func diagnoseUnknown(_ assignment: Assignment) {
    if ConfigKey.notYetSupported.contains(assignment.key) {
      diagnostics.append(
        Diagnostic(
          .error, assignment.keyLocation,
          "\(assignment.key)= is not supported by this version, and services that rely on it would"
            + " not be confined; remove the key"))
      return
    }
    // Nobody sees the hints of a file full of unknown keys, which would take long to find.
    let known = diagnostics.count < messageLimit ? ConfigKey.all.flatMap(\.spellings) : []
    let hint = nearest(to: assignment.key, among: known).map { "; did you mean \($0)=?" } ?? ""
    diagnostics.append(
      Diagnostic(
        .warning, assignment.keyLocation,
        "unknown key \(quotedKey(assignment.key)); ignoring it\(hint)"))
  }
}

/// The candidate that takes the fewest edits to reach, when that is at most a quarter of `word`.
func nearest(to word: String, among candidates: [String]) -> String? {
  let limit = max(1, min(word.utf8.count, 64) / 4)
  let distances = candidates.map { (name: $0, edits: editDistance(word, $0)) }
  guard let best = distances.min(by: { $0.edits < $1.edits }), best.edits <= limit else {
    return nil
  }
  return best.name
}

/// Levenshtein distance by bytes, without regard to case.
private func editDistance(_ left: String, _ right: String) -> Int {
  // Longer words are no misspelling of ours, and their table would cost time.
  guard left.utf8.count <= 64 else { return Int.max }
  let right = Array(right.uppercased().utf8)
  var row = Array(0...right.count)
  for (lineIndex, leftByte) in left.uppercased().utf8.enumerated() {
    var diagonal = row[0]
    row[0] = lineIndex + 1
    for (index, rightByte) in right.enumerated() {
      let substitution = diagonal + (leftByte == rightByte ? 0 : 1)
      diagonal = row[index + 1]
      row[index + 1] = min(substitution, row[index] + 1, diagonal + 1)
    }
  }
  return row[right.count]
}
