/// An axis: values to positions.
private struct Axis {
  let isLogarithmic: Bool
  let low: Double
  let high: Double
  /// Where `low` and `high` are.
  let from: Double
  let to: Double

  /// Wide enough for all values, with powers of ten or round numbers at its ends.
  init(_ values: [Double], isLogarithmic: Bool, from: Double, to: Double) {
    self.isLogarithmic = isLogarithmic
    (self.from, self.to) = (from, to)
    let most = values.max() ?? 1
    let least = values.min() ?? 1
    if isLogarithmic {
      low = powerOfTen(notAbove: least)
      let below = powerOfTen(notAbove: most)
      high = below < most || below == low ? below * 10 : below
    } else {
      low = 0
      let step = Axis.step(upTo: most)
      high = (most / step).rounded(.up) * step
    }
  }

  func position(_ value: Double) -> Double {
    let part =
      isLogarithmic
      ? logarithm(value / low) / logarithm(high / low) : (value - low) / (high - low)
    return from + part * (to - from)
  }

  var ticks: [Double] {
    var ticks: [Double] = []
    var tick = low
    let step = Axis.step(upTo: high)
    while tick <= high * 1.001 {
      ticks.append(tick)
      tick = isLogarithmic ? tick * 10 : tick + step
    }
    return ticks
  }

  /// 1, 2 or 5 times a power of ten, for four to eight steps.
  private static func step(upTo most: Double) -> Double {
    let power = powerOfTen(notAbove: most / 4)
    return [5.0, 2.0].map { $0 * power }.first { most / $0 >= 4 } ?? power
  }
}

private func powerOfTen(notAbove value: Double) -> Double {
  var power = 1.0
  while power * 10 <= value { power *= 10 }
  while power > value, power > 1e-9 { power /= 10 }
  return power
}

/// To the base of two, near enough for a picture: the exponent, and a few bisections behind it.
private func logarithm(_ value: Double) -> Double {
  var result = Double(value.exponent)
  var rest = value.significand
  var bit = 0.5
  for _ in 0..<20 {
    rest *= rest
    if rest >= 2 {
      rest /= 2
      result += bit
    }
    bit /= 2
  }
  return result
}

private let colours = [
  "#0072b2", "#d55e00", "#999999", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000",
]
private let width = 760.0
private let height = 420.0

/// A variant and its medians.
private struct Curve {
  let variant: String
  let points: [(x: Double, y: Double)]

  init(_ variant: String, _ plot: Table.Plot, _ table: Table, _ samples: Samples) {
    self.variant = variant
    points = samples.instances(table.name, plot.metric).compactMap { count in
      // There is no place for 0 on a logarithmic axis.
      guard count > 0 || !plot.isLogarithmic,
        let value = median(samples.values(table.name, variant, count, plot.metric))
      else { return nil }
      return (Double(count), value)
    }
  }
}

/// A plot as SVG: a line for each variant, the metric's median against the number of instances.
func plotText(_ plot: Table.Plot, of table: Table, _ samples: Samples) -> String {
  let curves = samples.variants(table.name, plot.metric).map { Curve($0, plot, table, samples) }
  let points = curves.flatMap(\.points)
  let horizontal = Axis(
    points.map(\.x), isLogarithmic: plot.isLogarithmic, from: 80, to: width - 190)
  let vertical = Axis(
    points.map(\.y), isLogarithmic: plot.isLogarithmic, from: height - 50, to: 40)
  var text = """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(coordinate(width)) \(coordinate(height))" \
    font-family="sans-serif" font-size="12">
    <rect width="100%" height="100%" fill="#ffffff"/>
    <text x="80" y="24" font-size="15">\(table.title), \(plot.metric)</text>
    <text x="\(coordinate(horizontal.to))" y="\(coordinate(height - 12))" \
    text-anchor="end">instances</text>

    """
  text += grid(horizontal, vertical, plot.metric)
  for (index, curve) in curves.enumerated() {
    text += drawing(of: curve, at: index, horizontal, vertical)
  }
  return text + "</svg>\n"
}

/// The line, a dot for each number of instances, and its row of the legend.
private func drawing(
  of curve: Curve, at index: Int, _ horizontal: Axis, _ vertical: Axis
) -> String {
  let colour = colours[index % colours.count]
  let places = curve.points.map {
    (x: coordinate(horizontal.position($0.x)), y: coordinate(vertical.position($0.y)))
  }
  let list = places.map { "\($0.x),\($0.y)" }.joined(separator: " ")
  var text =
    "<polyline points=\"\(list)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\"/>\n"
  for place in places {
    text += "<circle cx=\"\(place.x)\" cy=\"\(place.y)\" r=\"3\" fill=\"\(colour)\"/>\n"
  }
  let y = 60 + 20 * Double(index)
  return text + """
    <rect x="\(coordinate(width - 175))" y="\(coordinate(y - 9))" width="14" height="4" \
    fill="\(colour)"/>
    <text x="\(coordinate(width - 155))" y="\(coordinate(y))">\(curve.variant)</text>

    """
}

private func grid(_ horizontal: Axis, _ vertical: Axis, _ metric: String) -> String {
  var text = ""
  func line(_ x: Double, _ y: Double, _ toX: Double, _ toY: Double) {
    text += """
      <line x1="\(coordinate(x))" y1="\(coordinate(y))" x2="\(coordinate(toX))" \
      y2="\(coordinate(toY))" stroke="#dddddd"/>

      """
  }
  for tick in horizontal.ticks {
    let x = horizontal.position(tick)
    line(x, vertical.from, x, vertical.to)
    text += """
      <text x="\(coordinate(x))" y="\(coordinate(vertical.from + 18))" \
      text-anchor="middle">\(fixed(tick, digits: 0))</text>

      """
  }
  for tick in vertical.ticks {
    let y = vertical.position(tick)
    line(horizontal.from, y, horizontal.to, y)
    text += """
      <text x="\(coordinate(horizontal.from - 8))" y="\(coordinate(y + 4))" \
      text-anchor="end">\(quantity(tick, metric))</text>

      """
  }
  return text
}

private func coordinate(_ value: Double) -> String { fixed(value, digits: 1) }
