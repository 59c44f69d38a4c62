/// The difference of two texts by lines, with three lines around each change as diff(1) has them.
package enum TextDifference {
  private enum Edit { case kept, removed, added }

  /// Lines that begin with `+`, `-`, a blank, or `@@` where some are left out.
  package static func lines(from old: String, to new: String) -> [String] {
    let edits = edits(
      old.split(separator: "\n", omittingEmptySubsequences: false),
      new.split(separator: "\n", omittingEmptySubsequences: false))
    let near = edits.indices.filter { index in
      edits[max(index - 3, 0)...min(index + 3, edits.count - 1)].contains { $0.kind != .kept }
    }
    var lines: [String] = []
    var previous = -1
    for index in near {
      if index != previous + 1 { lines.append("@@") }
      previous = index
      let edit = edits[index]
      let mark = edit.kind == .kept ? " " : edit.kind == .added ? "+" : "-"
      lines.append(mark + edit.line)
    }
    return lines
  }

  /// By the longest common subsequence: units have some dozens of lines.
  private static func edits(
    _ old: [Substring], _ new: [Substring]
  ) -> [(kind: Edit, line: Substring)] {
    var length = [[Int]](
      repeating: [Int](repeating: 0, count: new.count + 1), count: old.count + 1)
    for i in old.indices.reversed() {
      for j in new.indices.reversed() {
        length[i][j] =
          old[i] == new[j] ? length[i + 1][j + 1] + 1 : max(length[i + 1][j], length[i][j + 1])
      }
    }
    var (i, j) = (0, 0)
    var edits: [(kind: Edit, line: Substring)] = []
    while i < old.count || j < new.count {
      if i < old.count, j < new.count, old[i] == new[j] {
        edits.append((.kept, old[i]))
        (i, j) = (i + 1, j + 1)
      } else if j == new.count || i < old.count && length[i + 1][j] >= length[i][j + 1] {
        edits.append((.removed, old[i]))
        i += 1
      } else {
        edits.append((.added, new[j]))
        j += 1
      }
    }
    return edits
  }
}
