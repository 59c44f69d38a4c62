internal import Glibc
internal import SystemCalls

/// Where a command's answer goes, and what it may look like there.
struct Output {
  let isTerminal: Bool
  let isColoured: Bool

  /// When to use colours; `automatic` is for a terminal without NO_COLOR= (no-color.org).
  enum Colour: String, CaseIterable, Sendable {
    case automatic = "auto"
    case always, never
  }

  init(_ colour: Colour = .automatic) {
    isTerminal = isatty(1) == 1
    switch colour {
    case .always: isColoured = true
    case .never: isColoured = false
    case .automatic:
      let noColour = environmentVariable("NO_COLOR") ?? ""
      isColoured = isTerminal && noColour.isEmpty && environmentVariable("TERM") != "dumb"
    }
  }

  func write(_ lines: [StyledLine]) { writeText(lines.rendered(inColour: isColoured), to: 1) }

  func write(_ value: JSONValue) { writeText(value.rendered() + "\n", to: 1) }

  /// One value a line, for programs that read as it comes.
  func writeLine(_ value: JSONValue) {
    writeText(value.rendered(indentation: nil) + "\n", to: 1)
  }

  /// For people who wait; not part of the answer.
  func note(_ text: String) { writeText("nswg: \(text)\n", to: 2) }
}
