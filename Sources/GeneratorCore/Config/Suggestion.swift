/// The candidate that takes the fewest edits to reach, when that is at most a quarter of `word`.
package func nearest(to word: String, among candidates: [String]) -> String? {
  let limit = max(1, min(word.utf8.count, 64) / 4)
  let distances = candidates.map { (name: $0, edits: editDistance(word, $0)) }
  guard let best = distances.min(by: { $0.edits < $1.edits }), best.edits <= limit else {
    return nil
  }
  return best.name
}

/// Levenshtein distance by bytes, without regard to case; two neighbours that changed places, the
/// commonest slip of all, count as one edit.
private func editDistance(_ left: String, _ right: String) -> Int {
  // Longer words are no misspelling of ours, and their table would cost time.
  guard left.utf8.count <= 64 else { return Int.max }
  let (left, right) = (Array(left.uppercased().utf8), Array(right.uppercased().utf8))
  var before: [Int] = []
  var row = Array(0...right.count)
  for (line, leftByte) in left.enumerated() {
    var next = [line + 1]
    for (index, rightByte) in right.enumerated() {
      var edits = min(
        row[index] + (leftByte == rightByte ? 0 : 1), row[index + 1] + 1, next[index] + 1)
      if line > 0, index > 0, leftByte == right[index - 1], left[line - 1] == rightByte {
        edits = min(edits, before[index - 1] + 1)
      }
      next.append(edits)
    }
    (before, row) = (row, next)
  }
  return row[right.count]
}
