/// THE TABLE: a row for each figure of issue 7.
let targets: [Target] =
  generatorTargets + managerTargets + stageTargets + systemdTargets + memoryTargets

private let generatorTargets: [Target] =
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

/// Reading the directory's entries is what nothing can avoid; a twentieth allows for that.
private let managerTargets: [Target] =
  [("manager", "cpu-us"), ("daemon-reload", "manager-cpu-us")].flatMap { table, metric in
    [
      ("each enabled instance", "enabled", Target.Limit.below(1)),
      ("each instance, when none is enabled", "disabled", .atMost(0.05)),
      ("each instance, when one is enabled", "one-enabled", .atMost(0.05)),
    ].map { what, variant, limit in
      Target(
        what: "loading, \(what)", table: table, metric: metric,
        statistic: .slope(from: 0, to: 1000), first: variant, second: "original-enabled",
        limit: limit)
    }
  }

private let stageTargets: [Target] = [
  ("bring-up", "original-up", "nswg-up", .atLeast(5)),
  ("bring-up", "wg-quick-up", "nswg-up", .atLeast(3)),
  ("bring-up", "nswg-up", "batch-up", .below(1)),
  ("bring-up", "nswg-up", "c-up", .atMost(1.3)),
  ("tear-down", "original-down", "nswg-down", .atLeast(5)),
  ("tear-down", "wg-quick-down", "nswg-down", .atLeast(3)),
  ("tear-down", "nswg-down", "batch-down", .below(1)),
  ("tear-down", "nswg-down", "c-down", .atMost(1.3)),
].map { (what: String, first: String, second: String, limit: Target.Limit) in
  Target(
    what: "\(what), all stages", table: "bring-up", metric: "wall-us", statistic: .median(at: 1),
    first: first, second: second, limit: limit)
}

private let systemdTargets: [Target] =
  ["start", "stop"].map { verb in
    Target(
      what: "systemctl \(verb) of 100 at once", table: "start-stop", metric: "wall-us",
      statistic: .median(at: 100), first: "original-\(verb)", second: "nswg-\(verb)",
      limit: .atLeast(3))
  } + [
    Target(
      what: "throughput inside the namespace", table: "throughput", metric: "ratio",
      statistic: .median(at: 1), first: "pair", relation: .absolute, limit: .atLeast(0.97)),
    Target(
      what: "from start to the first answer", table: "handshake", metric: "wall-us",
      statistic: .median(at: 1), first: "nswg", second: "original", limit: .atMost(1)),
    Target(
      what: "the same of a VPN that is up: a round trip for the handshake, one for the packet",
      table: "handshake", metric: "wall-us", statistic: .median(at: 1), first: "nswg-gate",
      second: "round-trip", relation: .excess(over: 2), limit: .atMost(20_000)),
  ]

private let memoryTargets: [Target] = ["stage-netns-up", "stage-tunnel-up"].map { variant in
  Target(
    what: "peak memory of the stage", table: "footprint", metric: "max-rss-kib",
    statistic: .median(at: 0), first: variant, relation: .absolute, limit: .atMost(8 * 1024))
}
