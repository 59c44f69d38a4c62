internal import GeneratorCore
internal import SystemCalls

/// The tool's commands; see main.swift.
enum CorpusCommand {
  static func run(_ arguments: [String]) -> Int32 {
    guard arguments.count >= 2 else { return usage() }
    let corpus = Corpus(directory: arguments[1])
    do throws(SystemError) {
      switch (arguments[0], arguments.count) {
      case ("generate", 4):
        guard let count = Int(arguments[2]), let seed = UInt64(arguments[3]) else { return usage() }
        try corpus.generate(count: count, seed: seed)
        return 0
      case ("step", 2):
        let number = try corpus.number(in: corpus.positionPath)
        let environment = try readFile("/proc/self/environ", limit: 1 << 22)
        try replaceFile(corpus.path(number, "out"), with: environment, mode: 0o644)
        try corpus.makeCurrent(number + 1)
        return 0
      case ("compare", 3):
        guard let version = Int(arguments[2]) else { return usage() }
        return try compare(corpus, systemdVersion: version)
      default: return usage()
      }
    } catch {
      writeText("\(error)\n", to: 2)
      return 2
    }
  }

  private static func usage() -> Int32 {
    writeText(
      "usage: environment-corpus generate DIR COUNT SEED | step DIR | compare DIR VERSION\n", to: 2)
    return 2
  }

  private static func compare(
    _ corpus: Corpus, systemdVersion: Int
  ) throws(SystemError) -> Int32 {
    let count = try corpus.number(in: corpus.countPath)
    // File 0 is empty: what a service has of its own.
    let base = Set(variables(try readFile(corpus.path(0, "out"), limit: 1 << 22)).keys)
    var differences = 0
    var values = 0
    var leftOut = 0
    for number in 0..<count {
      let bytes = try readFile(corpus.path(number, "env"), limit: 1 << 22)
      if systemdVersion < 254, hasContinuedComment(bytes) {
        leftOut += 1
        continue
      }
      let theirs = variables(try readFile(corpus.path(number, "out"), limit: 1 << 22))
        .filter { !base.contains($0.key) }
      var ours: [String: String] = [:]
      for assignment in EnvironmentFile(parsing: bytes, path: "").assignments {
        ours[assignment.key] = assignment.value
      }
      values += ours.count
      if ours != theirs, differences < 20 {
        writeText(
          "file \(number): \(show(bytes))\n  systemd: \(show(theirs))\n  ours: \(show(ours))\n",
          to: 1)
      }
      if ours != theirs { differences += 1 }
    }
    writeText(
      "compared \(count - leftOut) files, \(values) values: \(differences) differ;"
        + " left out \(leftOut) with a comment that ends in a backslash\n", to: 1)
    // Silence would prove nothing.
    return differences == 0 && values > count / 4 ? 0 : 1
  }

  /// Whether a line that looks like a comment ends in a backslash: before 254 systemd took the next
  /// line for a part of it (systemd/systemd#27975), and we follow the later ones.
  private static func hasContinuedComment(_ bytes: [UInt8]) -> Bool {
    bytes.split(whereSeparator: { $0 == 10 || $0 == 13 }).contains { line in
      let text = line.drop { $0 == 32 || $0 == 9 }
      return (text.first == UInt8(ascii: "#") || text.first == UInt8(ascii: ";"))
        && text.last == UInt8(ascii: "\\")
    }
  }

  /// The variables of an environ block.
  private static func variables(_ block: [UInt8]) -> [String: String] {
    var found: [String: String] = [:]
    for entry in block.split(separator: 0) {
      guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
      found[String(decoding: entry[..<equals], as: UTF8.self)] =
        String(decoding: entry[entry.index(after: equals)...], as: UTF8.self)
    }
    return found
  }

  private static func show(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self).debugDescription
  }

  private static func show(_ variables: [String: String]) -> String {
    variables.sorted { $0.key < $1.key }
      .map { "\($0.key)=\($0.value.debugDescription)" }.joined(separator: " ")
  }
}
