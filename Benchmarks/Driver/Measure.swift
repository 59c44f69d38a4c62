internal import Glibc
internal import SystemCalls

/// A line of `measure`: a command with what makes it ready.
private struct Row {
  let variant: String
  let instances: String
  /// For sh(1), not timed; may be empty.
  let preparation: Child?
  let command: Child
  let text: String

  init(_ line: String) throws {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 4 else {
      throw BenchError("not VARIANT<TAB>N<TAB>PREPARE<TAB>COMMAND: \(line)")
    }
    (variant, instances, text) = (fields[0], fields[1], fields[3])
    preparation = fields[2].isEmpty ? nil : try Child(["/bin/sh", "-c", fields[2]])
    command = try Child(fields[3].split(separator: " ").map(String.init))
  }
}

/// Runs every line of standard input once a round, and appends what each took to the samples.
///
/// A round begins one line further than the one before: no variant is always the one that runs
/// after a certain other.
func measure(_ arguments: Arguments) throws {
  let table = try arguments.value("t")
  guard let rounds = Int(try arguments.value("r")), rounds > 0 else {
    throw BenchError("-r takes a number of rounds")
  }
  let path = try arguments.value("o")
  let rows = try readText(descriptor: 0).split(separator: "\n").map { try Row(String($0)) }
  for round in 0..<rounds {
    var samples = ""
    for index in rows.indices {
      let row = rows[(index + round) % rows.count]
      let cost = try perform(row)
      let prefix = "\(table)\t\(row.variant)\t\(row.instances)\t"
      samples += "\(prefix)wall-us\t\(decimal(thousandths: cost.wallNanoseconds))\n"
      samples += "\(prefix)cpu-us\t\(cost.cpuMicroseconds)\n"
    }
    try append(samples, to: path)
  }
}

private func perform(_ row: Row) throws -> Cost {
  if let preparation = row.preparation {
    let status = try preparation.run().status
    guard status == 0 else {
      throw BenchError("\(row.variant): what prepares it failed (\(describe(status)))")
    }
  }
  let cost = try row.command.run()
  guard cost.status == 0 else {
    throw BenchError("\(row.variant) failed (\(describe(cost.status))): \(row.text)")
  }
  return cost
}

/// A status of wait(2).
private func describe(_ status: Int32) -> String {
  status & 0x7f == 0 ? "exit status \(status >> 8 & 0xff)" : "signal \(status & 0x7f)"
}

/// `1234567` thousandths as `1234.567`.
private func decimal(thousandths value: Int64) -> String {
  let fraction = String(value % 1000)
  return "\(value / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
}

private func append(_ text: String, to path: String) throws {
  let file = try OwnedFileDescriptor.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o644)
  try file.writeAll(Array(text.utf8), path)
}

/// All that is left to read of a descriptor of ours, as text.
private func readText(descriptor: Int32) throws -> String {
  let file = OwnedFileDescriptor(owning: descriptor)
  return String(decoding: try file.readAll(limit: 1 << 26, "standard input"), as: UTF8.self)
}
