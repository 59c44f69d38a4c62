/// The candidate that takes the fewest edits to reach, when that is at most a quarter of `word`.
package func nearest(to word: String, among candidates: [String]) -> String? {
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
