/// A number with so many digits behind the point.
func fixed(_ value: Double, digits: Int) -> String {
  guard value.isFinite else { return "–" }
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let scaled = (value.magnitude * scale).rounded()
  guard scaled < 9e15 else { return "\(value)" }
  let sign = value < 0 && scaled > 0 ? "−" : ""
  let whole = Int(scaled) / Int(scale)
  guard digits > 0 else { return "\(sign)\(whole)" }
  let fraction = String(Int(scaled) % Int(scale))
  return "\(sign)\(whole)." + String(repeating: "0", count: digits - fraction.count) + fraction
}

/// Three digits that count, or all of a whole number below 1000.
func brief(_ value: Double) -> String {
  let size = value.magnitude
  if size >= 100 || value == value.rounded() && size < 1000 { return fixed(value, digits: 0) }
  return fixed(value, digits: size >= 10 ? 1 : size >= 1 ? 2 : 3)
}

/// A value of a metric with its unit, as `1.35 ms`; the unit is the end of the metric's name.
func quantity(_ value: Double, _ metric: String) -> String {
  let steps: [(Double, String)]
  if metric.hasSuffix("-us") {
    steps = [(1e6, " s"), (1e3, " ms"), (1, " µs")]
  } else if metric.hasSuffix("-kib") {
    steps = [(1_048_576, " GiB"), (1024, " MiB"), (1, " KiB")]
  } else if metric == "bytes" {
    steps = [(1e9, " GB"), (1e6, " MB"), (1e3, " kB"), (1, " B")]
  } else if metric.hasSuffix("bits-per-second") {
    steps = [(1e9, " Gbit/s"), (1e6, " Mbit/s"), (1e3, " kbit/s"), (1, " bit/s")]
  } else {
    steps = [(1e9, " G"), (1e6, " M"), (1e3, " k"), (1, "")]
  }
  let step = steps.first { value.magnitude >= $0.0 } ?? steps.last ?? (1, "")
  return brief(value / step.0) + step.1
}
