internal import CNftables
internal import SystemCalls

/// A table of nftables, nft(8), that is wholly ours.
struct FilterTable: Equatable {
  let name: String
  /// What stands between the table's braces, in the language of nft(8).
  let rules: String

  /// Loads it into the calling thread's network namespace, in the place of an earlier one.
  func load() throws(StageError) {
    let definition = "table inet \(name) {\n\(rules)}\n"
    // `create` fails when there is one, which in a new namespace there is not. A transaction that
    // deletes, be it what it has made itself, waits for a grace period of RCU: some 8 ms.
    if (try? Self.run("create table inet \(name)\n\(definition)")) != nil { return }
    try Self.run(Self.deleting(name) + definition)
  }

  /// Takes it away; one that is not there is fine.
  static func remove(_ name: String) throws(StageError) { try run(deleting(name)) }

  /// Only what exists can be deleted, and a table that is added twice is the same.
  private static func deleting(_ name: String) -> String {
    "table inet \(name)\ndelete table inet \(name)\n"
  }

  private static func run(_ commands: String) throws(StageError) {
    var words = [CChar](repeating: 0, count: 1024)
    let status = unsafe cnftables_run(commands, &words, words.count)
    guard status != 0 else { return }
    let bytes = words.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    let text = String(decoding: bytes, as: UTF8.self)
    if status == -2 {
      throw StageError(
        "cannot load libnftables, which filters name queries and forwards ports: \(text)")
    }
    // The first line says what, the others show the rule with a mark below it.
    let reason = text.split(separator: "\n").first ?? "no reason given"
    throw StageError("nftables refused the rules: \(reason); has the kernel nf_tables?")
  }
}
