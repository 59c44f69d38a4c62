/// `nswg plan`: what the next daemon-reload would change.
package enum PlanRendering {
  package static func lines(_ plan: ReloadPlan) -> [StyledLine] {
    guard !plan.isEmpty else { return [["nothing would change"]] }
    var lines: [StyledLine] = []
    for unit in plan.units {
      switch unit.change {
      case .added: lines.append([Styled("+ \(unit.path)", .good)])
      case .removed: lines.append([Styled("- \(unit.path)", .bad)])
      case .changed(let difference):
        lines.append([Styled("~ \(unit.path)", .doubtful)])
        lines += difference.map { line in
          let style: Style =
            switch line.first {
            case "+": .good
            case "-": .bad
            case "@": .dim
            default: .plain
            }
          return [Styled("    \(line)", style)]
        }
      }
    }
    for effect in plan.effects { lines += self.lines(effect) }
    return lines
  }

  private static func lines(_ effect: ReloadPlan.Effect) -> [StyledLine] {
    var lines: [StyledLine] = [[Styled(effect.name, .bold), " runs:"]]
    if let reload = effect.reload {
      lines.append(["    takes by systemctl reload \(reload.unit):"])
      lines += reload.changes.map { ["        \($0)"] }
    }
    if !effect.restart.isEmpty {
      lines.append([Styled("    takes more than a reload:", .doubtful)])
      lines += effect.restart.map { ["        \($0)"] }
    }
    if let note = effect.note { lines.append(["    \(note)"]) }
    return lines
  }

  package static func json(_ plan: ReloadPlan) -> JSONValue {
    .object([
      "units": .array(
        plan.units.map { unit in
          switch unit.change {
          case .added: .object(["path": .text(unit.path), "change": .text("added")])
          case .removed: .object(["path": .text(unit.path), "change": .text("removed")])
          case .changed(let lines):
            .object([
              "path": .text(unit.path), "change": .text("changed"), "diff": .texts(lines),
            ])
          }
        }),
      "running": .array(
        plan.effects.map { effect in
          .object([
            "name": .text(effect.name),
            "reload_unit": JSONValue(effect.reload?.unit),
            "reload": .texts(effect.reload?.changes ?? []),
            "restart": .texts(effect.restart),
            "note": JSONValue(effect.note),
          ])
        }),
    ])
  }
}
