extension Drawing {
  /// As a picture, Scalable Vector Graphics 1.1, that stands alone.
  package var svg: String {
    let (column, row) = (Self.column, Self.row)
    var text = """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" width="\((width + 2) * column)" \
      height="\((height + 2) * row)" font-family="monospace" font-size="14">
      <rect width="100%" height="100%" fill="#ffffff"/>
      <g transform="translate(\(column) \(row))" stroke-width="1.5">

      """
    for shape in shapes { text += Self.element(shape) + "\n" }
    return text + "</g>\n</svg>\n"
  }

  /// Pixels of a character.
  private static let column = 9
  private static let row = 18

  private static func element(_ shape: Shape) -> String {
    switch shape {
    case .box(let x, let y, let width, let height, let style):
      let size = "width=\"\((width - 1) * column)\" height=\"\((height - 1) * row)\""
      return "<rect x=\"\(x * column)\" y=\"\(y * row + row / 2)\" \(size) rx=\"6\""
        + " fill=\"none\" stroke=\"\(colour(style))\"/>"
    case .text(let x, let y, let text, let style):
      let weight = style == .bold ? " font-weight=\"bold\"" : ""
      // The length makes every viewer's font as wide as the columns.
      let length = text.unicodeScalars.count * column
      return "<text x=\"\(x * column)\" y=\"\(y * row + 14)\" textLength=\"\(length)\""
        + " fill=\"\(colour(style))\"\(weight) xml:space=\"preserve\">\(escaped(text))</text>"
    case .horizontal(let x, let y, let length, let isDotted, let style):
      let middle = y * row + row / 2
      return line(x * column, middle, (x + length) * column, middle, isDotted, style)
    case .vertical(let x, let y, let length, let isDotted, let style):
      let middle = x * column + column / 2
      return line(middle, y * row, middle, (y + length) * row, isDotted, style)
    }
  }

  private static func line(
    _ x1: Int, _ y1: Int, _ x2: Int, _ y2: Int, _ isDotted: Bool, _ style: Style
  ) -> String {
    let dots = isDotted ? " stroke-dasharray=\"3 3\"" : ""
    return "<line x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\""
      + " stroke=\"\(colour(style))\"\(dots)/>"
  }

  private static func colour(_ style: Style) -> String {
    switch style {
    case .plain, .bold: "#202020"
    case .dim: "#909090"
    case .good: "#1a7f37"
    case .doubtful: "#9a6700"
    case .bad: "#cf222e"
    }
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
