/// RESULTS.md: the machine, the targets, and a section for each table that has samples.
func resultsText(_ samples: Samples, machine: String) -> String {
  var text = """
    # Results of `make bench`

    Written by `nswg-bench report`; [README.md](README.md) says how it is measured, and
    [NOTES.md](NOTES.md) what was tried where a figure is not reached. All variants of a table run
    in turn: compare what stands in one table, not times of different days.

    ## Machine

    | | |
    |---|---|

    """
  for line in machine.split(separator: "\n") {
    let fields = line.split(separator: "\t", maxSplits: 1)
    text += "| \(fields[0]) | \(fields.count > 1 ? fields[1] : "not installed") |\n"
  }
  text += "\n## Targets\n\n" + targetRows(samples)
  for table in tables where !samples.metrics(table.name).isEmpty {
    text += "\n" + section(table, samples)
  }
  return text
}

private func targetRows(_ samples: Samples) -> String {
  var text = """
    | what | against | metric | figure | to reach | |
    |---|---|---|---|---|---|

    """
  for target in targets {
    let figure = target.figure(samples)
    let verdict = figure.map { target.isReached($0) ? "reached" : "**not reached**" }
    text +=
      "| \(target.what) | \(target.against) | \(target.metric), \(target.statistic.description)"
      + " | \(figure.map { target.text($0) } ?? "–") | \(target.limitText)"
      + " | \(verdict ?? "not measured") |\n"
  }
  return text
}

extension Target {
  fileprivate var against: String {
    switch relation {
    case .ratio: "\(first) / \(second)"
    case .excess(let times): "\(first) − \(brief(times)) × \(second)"
    case .absolute: first
    }
  }

  fileprivate var limitText: String {
    switch limit {
    case .atMost(let bound): "≤ " + text(bound)
    case .atLeast(let bound): "≥ " + text(bound)
    case .below(let bound): "< " + text(bound)
    }
  }

  /// Of the figure, or of its limit.
  fileprivate func text(_ value: Double) -> String {
    if case .ratio = relation { return fixed(value, digits: value < 0.1 ? 3 : 2) }
    if case .linearity = statistic { return fixed(value, digits: 2) }
    return quantity(value, metric)
  }
}

private func section(_ table: Table, _ samples: Samples) -> String {
  var text = "## \(table.title)\n\n"
  if let date = samples.dates[table.name], !date.isEmpty { text += "Measured on \(date). " }
  text += table.text + "\n"
  for metric in samples.metrics(table.name) {
    text += "\n" + matrix(of: metric, table, samples)
  }
  for plot in table.plots {
    let scale = plot.isLogarithmic ? "logarithmic" : "linear"
    text += "\n![\(table.title), \(plot.metric), \(scale)](\(plot.path(of: table)))\n"
  }
  return text
}

/// A metric's Markdown table: a row for each variant, a column for each number of instances.
private func matrix(of metric: String, _ table: Table, _ samples: Samples) -> String {
  let counts = samples.instances(table.name, metric)
  let variants = samples.variants(table.name, metric)
  let rounds = counts.map { count in
    variants.map { samples.values(table.name, $0, count, metric).count }.max() ?? 0
  }
  let isRepeated = rounds.contains { $0 > 1 }
  let yardsticks = table.yardsticks.filter { variants.contains($0) }
  let slopes = table.slopes.filter { counts.contains($0.from) && counts.contains($0.to) }
  var text = "**\(metric)**: " + (isRepeated ? "median (minimum)" : "counted once")
  if !yardsticks.isEmpty {
    text += ", ratio to " + yardsticks.map { "`\($0)`" }.joined(separator: ", ")
  }
  text += "\n\n"
  var heads = zip(counts, rounds).map { count, rounds in
    counts == [0] ? "value" : isRepeated ? "N = \(count) (\(rounds) rounds)" : "N = \(count)"
  }
  heads += slopes.map { "each further, \($0.from) … \($0.to)" }
  text += "| | " + heads.joined(separator: " | ") + " |\n"
  text += "|---|" + String(repeating: "---:|", count: heads.count) + "\n"
  for variant in variants {
    let yardstick = table.yardstick(of: variant, among: yardsticks)
    var cells = counts.map { count in
      let values = { samples.values(table.name, $0, count, metric) }
      return cell(values(variant), metric, yardstick.flatMap { median(values($0)) })
    }
    cells += slopes.map { slope in
      let statistic = Statistic.slope(from: slope.from, to: slope.to)
      let value = { samples.evaluate(statistic, table.name, $0, metric) }
      return cell(value(variant).map { [$0] } ?? [], metric, yardstick.flatMap(value))
    }
    text += "| `\(variant)` | " + cells.joined(separator: " | ") + " |\n"
  }
  return text
}

/// `1.35 ms (1.05 ms) 1.55×`, of sorted values.
private func cell(_ values: [Double], _ metric: String, _ reference: Double?) -> String {
  guard let middle = median(values), let least = values.first else { return "–" }
  var text = quantity(middle, metric)
  if values.count > 1 { text += " (\(quantity(least, metric)))" }
  if let reference, reference > 0 { text += " \(fixed(middle / reference, digits: 2))×" }
  return text
}
