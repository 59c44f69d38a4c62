/// How a piece of text looks on a terminal; in a pipe it is plain.
package enum Style: Sendable {
  case plain, bold, dim, good, doubtful, bad

  /// "Select Graphic Rendition" parameters, console_codes(4).
  fileprivate var code: String? {
    switch self {
    case .plain: nil
    case .bold: "1"
    case .dim: "2"
    case .good: "32"
    case .doubtful: "33"
    case .bad: "31"
    }
  }
}

/// A piece of text and how it looks.
package struct Styled: Equatable, Sendable, ExpressibleByStringInterpolation {
  package let text: String
  package let style: Style

  package init(_ text: String, _ style: Style = .plain) {
    self.text = text
    self.style = style
  }

  package init(stringLiteral value: String) { self.init(value) }

  /// In columns of a terminal: nothing of ours is wider or narrower than one.
  package var width: Int { text.unicodeScalars.count }

  package func rendered(inColour: Bool) -> String {
    guard inColour, let code = style.code, !text.isEmpty else { return text }
    return "\u{1b}[\(code)m\(text)\u{1b}[0m"
  }
}

/// A line of pieces.
package typealias StyledLine = [Styled]

extension [StyledLine] {
  package func rendered(inColour: Bool) -> String {
    map { line in line.map { $0.rendered(inColour: inColour) }.joined() + "\n" }.joined()
  }
}
