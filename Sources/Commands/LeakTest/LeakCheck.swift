/// One line of a leak test: what is asked, the answer, and what it rests on.
package struct LeakCheck: Equatable, Sendable {
  package enum Answer: String, Sendable {
    case yes, no
    /// It could not be found out.
    case unknown
  }

  /// Such that "yes" is good.
  package let question: String
  package let answer: Answer
  package let evidence: String

  package init(_ question: String, _ answer: Answer, _ evidence: String) {
    self.question = question
    self.answer = answer
    self.evidence = evidence
  }

  package init(_ question: String, _ isSo: Bool, _ evidence: String) {
    self.init(question, isSo ? .yes : .no, evidence)
  }
}

/// `nswg leaktest`.
package enum LeakRendering {
  package static func lines(_ checks: [LeakCheck]) -> [StyledLine] {
    var table = TextTable(["ANSWER", "QUESTION", "EVIDENCE"])
    for check in checks {
      let style: Style =
        switch check.answer {
        case .yes: .good
        case .no: .bad
        case .unknown: .doubtful
        }
      table.append([
        Styled(check.answer.rawValue, style), Styled(check.question), Styled(check.evidence, .dim),
      ])
    }
    return table.lines
  }

  package static func json(_ name: String, _ checks: [LeakCheck]) -> JSONValue {
    .object([
      "name": .text(name),
      "leaks": .boolean(checks.contains { $0.answer == .no }),
      "checks": .array(
        checks.map { check in
          .object([
            "question": .text(check.question), "answer": .text(check.answer.rawValue),
            "evidence": .text(check.evidence),
          ])
        }),
    ])
  }
}
