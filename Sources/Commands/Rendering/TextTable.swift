/// Columns under headings, two blanks between them.
package struct TextTable {
  private let headings: [String]
  private var rows: [[Styled]] = []
  /// Which columns hold numbers and end, not begin, at one edge.
  private let numeric: Set<Int>

  package init(_ headings: [String], numeric: Set<Int> = []) {
    self.headings = headings
    self.numeric = numeric
  }

  package mutating func append(_ row: [Styled]) { rows.append(row) }

  package var lines: [StyledLine] {
    let all = [headings.map { Styled($0, .bold) }] + rows
    let widths = headings.indices.map { column in
      all.compactMap { $0.indices.contains(column) ? $0[column].width : nil }.max() ?? 0
    }
    return all.map { row in line(row, widths) }
  }

  private func line(_ row: [Styled], _ widths: [Int]) -> StyledLine {
    var line: StyledLine = []
    for (column, cell) in row.enumerated() {
      let gap = Styled(String(repeating: " ", count: max(widths[column] - cell.width, 0)))
      let isLast = column == row.count - 1
      if numeric.contains(column) {
        line += [gap, cell]
      } else {
        line += isLast ? [cell] : [cell, gap]
      }
      if !isLast { line.append("  ") }
    }
    return line
  }
}
