internal import SystemCalls

/// What was measured: numbers by table, variant, number of instances and metric.
struct Samples {
  private struct Key: Hashable {
    let table: String
    let variant: String
    let instances: Int
    let metric: String
  }

  private var values: [Key: [Double]] = [:]
  /// Tables' days of measurement, as `2025-01-31`.
  private(set) var dates: [String: String] = [:]
  /// In the order of their first sample.
  private var variants: [String: [String]] = [:]
  private var metrics: [String: [String]] = [:]

  /// Reads a suite's file: TABLE, VARIANT, N, METRIC and VALUE between tabs, and `# measured DATE`.
  mutating func read(_ path: String) throws {
    let text = String(decoding: try readFile(path, limit: 1 << 28), as: UTF8.self)
    var date = ""
    for line in text.split(separator: "\n") {
      if line.hasPrefix("# measured ") {
        date = String(line.dropFirst(11))
        continue
      }
      let fields = line.split(separator: "\t").map(String.init)
      guard fields.count == 5, let instances = Int(fields[2]), let value = Double(fields[4]) else {
        throw BenchError("\(path): not TABLE, VARIANT, N, METRIC, VALUE: \(line)")
      }
      let (table, variant, metric) = (fields[0], fields[1], fields[3])
      dates[table] = date
      note(variant, in: &variants[table, default: []])
      note(metric, in: &metrics[table, default: []])
      let key = Key(table: table, variant: variant, instances: instances, metric: metric)
      values[key, default: []].append(value)
    }
  }

  /// Sorted values; empty when there is none.
  func values(_ table: String, _ variant: String, _ instances: Int, _ metric: String) -> [Double] {
    let key = Key(table: table, variant: variant, instances: instances, metric: metric)
    return (values[key] ?? []).sorted()
  }

  func variants(_ table: String, _ metric: String) -> [String] {
    let present = Set(
      values.keys.filter { $0.table == table && $0.metric == metric }.map(\.variant))
    return (variants[table] ?? []).filter(present.contains)
  }

  func metrics(_ table: String) -> [String] { metrics[table] ?? [] }

  /// Numbers of instances for which a table has this metric, sorted.
  func instances(_ table: String, _ metric: String) -> [Int] {
    Set(values.keys.filter { $0.table == table && $0.metric == metric }.map(\.instances)).sorted()
  }
}

private func note(_ name: String, in names: inout [String]) {
  if !names.contains(name) { names.append(name) }
}
