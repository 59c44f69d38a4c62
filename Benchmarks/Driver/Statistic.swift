/// One number made of many samples.
enum Statistic {
  case median(at: Int)
  case minimum(at: Int)
  /// By how much the median grows for each further instance, between two numbers of them.
  case slope(from: Int, to: Int)
  /// How the slope of the last factor of ten compares to that of the one before; 1 is a line.
  case linearity(upTo: Int)

  var description: String {
    switch self {
    case .median(let count): "median at \(count)"
    case .minimum(let count): "minimum at \(count)"
    case .slope(let from, let to): "per further instance, \(from) … \(to)"
    case .linearity(let count): "slope up to \(count) against the slope before"
    }
  }
}

extension Samples {
  /// Nil when a number of instances was not measured.
  func evaluate(
    _ statistic: Statistic, _ table: String, _ variant: String, _ metric: String
  ) -> Double? {
    switch statistic {
    case .median(let count): return median(values(table, variant, count, metric))
    case .minimum(let count): return values(table, variant, count, metric).first
    case .slope(let from, let to):
      guard let less = median(values(table, variant, from, metric)),
        let more = median(values(table, variant, to, metric))
      else { return nil }
      return (more - less) / Double(to - from)
    case .linearity(let count):
      let last = Statistic.slope(from: count / 10, to: count)
      let before = Statistic.slope(from: count / 100, to: count / 10)
      guard let last = evaluate(last, table, variant, metric),
        let before = evaluate(before, table, variant, metric), before != 0
      else { return nil }
      return last / before
    }
  }
}

/// The middle of sorted values, or the mean of the two in the middle; nil of none.
func median(_ sorted: [Double]) -> Double? {
  guard !sorted.isEmpty else { return nil }
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
