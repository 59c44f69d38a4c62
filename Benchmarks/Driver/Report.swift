internal import SystemCalls

/// Reads samples; writes RESULTS.md and the plots below a directory.
func report(_ arguments: Arguments) throws {
  var samples = Samples()
  for path in arguments.words.dropFirst() { try samples.read(path) }
  let directory = try arguments.value("o")
  let machine = String(
    decoding: try readFile(try arguments.value("m"), limit: 1 << 20), as: UTF8.self)
  try makeDirectories("\(directory)/plots", mode: 0o755)
  for table in tables {
    for plot in table.plots where !samples.instances(table.name, plot.metric).isEmpty {
      let text = plotText(plot, of: table, samples)
      try replaceFile("\(directory)/\(plot.path(of: table))", with: Array(text.utf8), mode: 0o644)
    }
  }
  let text = resultsText(samples, machine: machine)
  try replaceFile("\(directory)/RESULTS.md", with: Array(text.utf8), mode: 0o644)
}

extension Table.Plot {
  /// Below the directory of RESULTS.md.
  func path(of table: Table) -> String {
    "plots/\(table.name)-\(metric)-\(isLogarithmic ? "log" : "linear").svg"
  }
}
