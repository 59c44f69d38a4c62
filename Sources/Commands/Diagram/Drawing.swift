/// A picture in columns and rows of characters, as shapes: drawn as text, or as SVG.
package struct Drawing: Equatable {
  package enum Shape: Equatable {
    /// The corner at the left above, and the size.
    case box(x: Int, y: Int, width: Int, height: Int, Style)
    case text(x: Int, y: Int, String, Style)
    /// From left to right; dotted for what is encrypted.
    case horizontal(x: Int, y: Int, length: Int, isDotted: Bool, Style)
    case vertical(x: Int, y: Int, length: Int, isDotted: Bool, Style)
  }

  package private(set) var shapes: [Shape] = []

  package init() {}

  package mutating func add(_ shape: Shape) { shapes.append(shape) }

  package var width: Int { shapes.map(\.end.x).max() ?? 0 }
  package var height: Int { shapes.map(\.end.y).max() ?? 0 }

  /// As lines of ASCII.
  package var lines: [StyledLine] {
    var cells = [[(Unicode.Scalar, Style)]](
      repeating: [(Unicode.Scalar, Style)](repeating: (" ", .plain), count: width), count: height)
    func put(_ x: Int, _ y: Int, _ scalar: Unicode.Scalar, _ style: Style) {
      if cells.indices.contains(y), cells[y].indices.contains(x) { cells[y][x] = (scalar, style) }
    }
    for shape in shapes {
      switch shape {
      case .box(let x, let y, let width, let height, let style):
        for column in x..<x + width {
          let isCorner = column == x || column == x + width - 1
          for row in [y, y + height - 1] { put(column, row, isCorner ? "+" : "-", style) }
        }
        for row in y + 1..<y + height - 1 {
          for column in [x, x + width - 1] { put(column, row, "|", style) }
        }
      case .text(let x, let y, let text, let style):
        for (offset, scalar) in text.unicodeScalars.enumerated() {
          put(x + offset, y, scalar, style)
        }
      case .horizontal(let x, let y, let length, let isDotted, let style):
        for column in x..<x + length {
          let isEnd = column == x || column == x + length - 1
          let end: Unicode.Scalar = column == x ? "<" : ">"
          put(column, y, isDotted ? "." : isEnd ? end : "-", style)
        }
      case .vertical(let x, let y, let length, let isDotted, let style):
        for row in y..<y + length { put(x, row, isDotted ? ":" : "|", style) }
      }
    }
    return cells.map(Self.line)
  }

  /// Cells of one style together, without blanks at the end.
  private static func line(_ cells: [(Unicode.Scalar, Style)]) -> StyledLine {
    var line: StyledLine = []
    var rest = cells[...]
    while let last = rest.last, last.0 == " " { rest.removeLast() }
    while let first = rest.first {
      let run = rest.prefix { $0.1 == first.1 }
      line.append(Styled(String(String.UnicodeScalarView(run.map(\.0))), first.1))
      rest = rest.dropFirst(run.count)
    }
    return line
  }
}

extension Drawing.Shape {
  /// The first column and row behind it.
  fileprivate var end: (x: Int, y: Int) {
    switch self {
    case .box(let x, let y, let width, let height, _): (x + width, y + height)
    case .text(let x, let y, let text, _): (x + text.unicodeScalars.count, y + 1)
    case .horizontal(let x, let y, let length, _, _): (x + length, y + 1)
    case .vertical(let x, let y, let length, _, _): (x + 1, y + length)
    }
  }
}
