internal import SystemCalls

/// The files of a run: every edge, then random ones from the grammar's special characters.
struct Corpus {
  let directory: String

  func path(_ number: Int, _ suffix: String) -> String { "\(directory)/\(number).\(suffix)" }
  /// What the unit's EnvironmentFile= names.
  var currentPath: String { "\(directory)/current" }
  /// Number of the file that is current.
  var positionPath: String { "\(directory)/position" }
  var countPath: String { "\(directory)/count" }

  func generate(count: Int, seed: UInt64) throws(SystemError) {
    try makeDirectories(directory, mode: 0o755)
    let edges = edgeCases.map { Array($0.utf8) } + edgeBytes
    var random = SplitMix(state: seed)
    for number in 0..<count {
      let bytes = number < edges.count ? edges[number] : randomFile(&random)
      try replaceFile(path(number, "env"), with: bytes, mode: 0o644)
    }
    try replaceFile(countPath, with: Array("\(count)".utf8), mode: 0o644)
    try makeCurrent(0)
  }

  func makeCurrent(_ number: Int) throws(SystemError) {
    try replaceFile(positionPath, with: Array("\(number)".utf8), mode: 0o644)
    let next =
      number < (try self.number(in: countPath))
      ? try readFile(path(number, "env"), limit: 1 << 20) : []
    try replaceFile(currentPath, with: next, mode: 0o644)
  }

  func number(in path: String) throws(SystemError) -> Int {
    Int(String(decoding: try readFile(path, limit: 64), as: UTF8.self)) ?? 0
  }
}

/// A small generator of random numbers: the same files for the same seed, everywhere.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// Pieces that the grammar treats in a way of its own, and a few that it does not.
private let pieces: [[UInt8]] =
  [
    "\n", "\n", "\r", "\r\n", " ", " ", "\t", "=", "=", "#", ";", "\\", "\\", "\\\n", "'", "\"",
    "$", "`",
    "A", "B", "C_1", "A=", "B=", "C_1=", "\nA=", "\nB=", "x", "y z", "1", "export ", "%", "\u{e9}",
    "\u{b}", "\u{1}",
  ]
  .map { Array($0.utf8) }

/// Rare, because each makes systemd drop the whole file.
private let poison: [[UInt8]] = [[0xff], [0], Array("\u{fffe}".utf8)]

private func randomFile(_ random: inout SplitMix) -> [UInt8] {
  var bytes: [UInt8] = []
  for _ in 0..<Int.random(in: 1...24, using: &random) {
    let isPoison = Int.random(in: 0..<400, using: &random) == 0
    bytes += (isPoison ? poison : pieces).randomElement(using: &random) ?? []
  }
  return bytes
}
