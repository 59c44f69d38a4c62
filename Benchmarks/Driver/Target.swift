/// A figure that issue 7 asks for.
struct Target {
  enum Relation {
    /// The first variant divided by the second.
    case ratio
    /// The first less so many times the second, in the metric's unit.
    case excess(over: Double)
    /// The first alone, in the metric's unit.
    case absolute
  }

  enum Limit {
    case atMost(Double)
    case atLeast(Double)
    case below(Double)
  }

  let what: String
  let table: String
  let metric: String
  let statistic: Statistic
  let first: String
  var second = ""
  var relation: Relation = .ratio
  let limit: Limit

  /// Nil when it was not measured.
  func figure(_ samples: Samples) -> Double? {
    guard let value = samples.evaluate(statistic, table, first, metric) else { return nil }
    if case .absolute = relation { return value }
    guard let other = samples.evaluate(statistic, table, second, metric) else { return nil }
    if case .excess(let times) = relation { return value - times * other }
    return other == 0 ? nil : value / other
  }

  func isReached(_ figure: Double) -> Bool {
    switch limit {
    case .atMost(let bound): figure <= bound
    case .atLeast(let bound): figure >= bound
    case .below(let bound): figure < bound
    }
  }
}
