/// A figure that issue 7 asks for.
struct Target {
  enum Relation {
    /// The first variant divided by the second.
    case ratio
    /// The first less the second, in the metric's unit.
    case difference
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
    if case .difference = relation { return value - other }
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

/// THE TABLE: one row for each figure of issue 7.
let targets: [Target] =
  [0, 1].flatMap { count in
    [("c", 1.5), ("fstab-generator", 0.3), ("netplan", 0.2)].map { peer, bound in
      Target(
        what: "generator, \(count) instance\(count == 1 ? "" : "s"), whole process",
        table: "generator", metric: "wall-us", statistic: .median(at: count), first: "nswg",
        second: peer, limit: .atMost(bound))
    }
  } + [
    Target(
      what: "generator, each further instance", table: "generator", metric: "wall-us",
      statistic: .slope(from: 1, to: 10_000), first: "nswg", second: "c", limit: .atMost(1.1)),
    Target(
      what: "generator, a straight line to 10,000", table: "generator", metric: "wall-us",
      statistic: .linearity(upTo: 10_000), first: "nswg", relation: .absolute, limit: .atMost(1.2)),
  ]
  + ["fstab-generator", "fstab-generator-device", "netplan"].map { peer in
    Target(
      what: "generator, each further instance against an entry", table: "generator",
      metric: "wall-us", statistic: .slope(from: 1, to: 1000), first: "nswg", second: peer,
      limit: .below(1))
  }
  + [("manager", "cpu-us"), ("daemon-reload", "wall-us")].flatMap { table, metric in
    [
      Target(
        what: "\(table), each enabled instance", table: table, metric: metric,
        statistic: .slope(from: 0, to: 1000), first: "enabled", second: "original-enabled",
        limit: .below(1)),
      Target(
        what: "\(table), each instance that is not enabled: its files are listed", table: table,
        metric: table == "manager" ? metric : "manager-cpu-us",
        statistic: .slope(from: 0, to: 1000), first: "disabled", second: "original-enabled",
        limit: .atMost(0.05)),
    ]
  }
  + ["stage-netns-up", "stage-tunnel-up"].map { variant in
    Target(
      what: "peak memory of the stage", table: "footprint", metric: "max-rss-kib",
      statistic: .median(at: 0), first: variant, relation: .absolute, limit: .atMost(8 * 1024))
  }
