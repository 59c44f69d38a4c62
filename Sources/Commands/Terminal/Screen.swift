internal import Glibc
internal import SystemCalls

/// Shows one text after the other in the same place; in a pipe, one below the other.
struct Screen {
  private let output: Output

  init(_ output: Output) {
    self.output = output
    // Erase the screen once; console_codes(4).
    if output.isTerminal { writeText("\u{1b}[2J", to: 1) }
  }

  func show(_ lines: [StyledLine]) {
    guard output.isTerminal else { return output.write(lines + [[]]) }
    // Home; each line erases what was to its right, the end what was below. What does not fit is cut:
    // a screen that scrolls would show the top nowhere.
    var size = winsize()
    let isKnown = unsafe ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 1
    let shown = isKnown ? Array(lines.prefix(Int(size.ws_row) - 1)) : lines
    let text = shown.map { line in
      let fitting = isKnown ? line.cut(to: Int(size.ws_col)) : line
      return fitting.map { $0.rendered(inColour: output.isColoured) }.joined() + "\u{1b}[K\n"
    }
    writeText("\u{1b}[H" + text.joined() + "\u{1b}[J", to: 1)
  }

  func wait(seconds: Int) { sleep(UInt32(seconds)) }
}

extension StyledLine {
  /// The first columns.
  package func cut(to columns: Int) -> StyledLine {
    var rest = columns
    var line: StyledLine = []
    for piece in self where rest > 0 {
      let kept = String(String.UnicodeScalarView(piece.text.unicodeScalars.prefix(rest)))
      line.append(Styled(kept, piece.style))
      rest -= piece.width
    }
    return line
  }
}
