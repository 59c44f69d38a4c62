internal import GeneratorCore

/// What `nswg migrate` does and what it leaves to people; a value, shown before anything is done.
package struct Migration: Equatable {
  /// A file that becomes an instance.
  package struct Move: Equatable {
    package let name: String
    package let from: String
    package let to: String
    /// Where the original goes; nil when it stays.
    package let retired: String?
    /// Units that have to stop first, and whether the VPN runs now.
    package let stopped: [String]
    package let warnings: [String]

    package init(
      name: String, from: String, to: String, retired: String? = nil, stopped: [String] = [],
      warnings: [String] = []
    ) {
      self.name = name
      self.from = from
      self.to = to
      self.retired = retired
      self.stopped = stopped
      self.warnings = warnings
    }
  }

  /// A file that stays as it is, and why.
  package struct Skip: Equatable {
    package let file: String
    package let reasons: [String]

    package init(file: String, reasons: [String]) {
      self.file = file
      self.reasons = reasons
    }
  }

  package var moves: [Move] = []
  package var skipped: [Skip] = []
  /// What is left to do by hand.
  package var left: [String] = []

  package init() {}

  package var lines: [StyledLine] {
    var lines: [StyledLine] = []
    for move in moves {
      lines.append([Styled(move.name, .bold), ": \(move.from)"])
      for unit in move.stopped { lines.append(["    stop \(unit)"]) }
      lines.append(["    copy it to \(move.to), mode 0600"])
      if let retired = move.retired { lines.append(["    rename the original to \(retired)"]) }
      if !move.stopped.isEmpty {
        lines.append(["    start namespaced-wireguard-vpn@\(move.name).target"])
      }
      lines += move.warnings.map { [Styled("    warning: \($0)", .doubtful)] }
    }
    for skip in skipped {
      lines.append([Styled("not ", .doubtful), "\(skip.file):"])
      lines += skip.reasons.map { ["    \($0)"] }
    }
    if !left.isEmpty { lines.append([Styled("left to you:", .bold)]) }
    lines += left.map { ["    \($0)"] }
    return lines.isEmpty ? [["there is nothing to migrate"]] : lines
  }

  package var json: JSONValue {
    .object([
      "moves": .array(
        moves.map { move in
          .object([
            "name": .text(move.name), "from": .text(move.from), "to": .text(move.to),
            "original_becomes": JSONValue(move.retired), "stops": .texts(move.stopped),
            "warnings": .texts(move.warnings),
          ])
        }),
      "skipped": .array(
        skipped.map {
          .object(["file": .text($0.file), "reasons": .texts($0.reasons)])
        }),
      "left": .texts(left),
    ])
  }
}
