import SystemCalls
import Testing

@testable import Stage

/// Each message has an entry in the journal's catalog, and the catalog has no other.
@Suite struct CatalogTests {
  private func entries() throws -> [String: String] {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let path = "/\(root)/catalog/namespaced-wireguard-vpn.catalog"
    let text = String(decoding: try readFile(path, limit: 1 << 20), as: UTF8.self)
    var entries: [String: String] = [:]
    for part in text.split(separator: "\n-- ").dropFirst() {
      let lines = part.split(separator: "\n", maxSplits: 1)
      try #require(lines.count == 2 && entries[String(lines[0])] == nil)
      entries[String(lines[0])] = String(lines[1])
    }
    return entries
  }

  @Test func eachMessageHasAnEntry() throws {
    let kinds = JournalEntry.Kind.allCases
    #expect(kinds.count >= 10 && Set(kinds.map(\.rawValue)).count == kinds.count)
    #expect(Set(try entries().keys) == Set(kinds.map(\.rawValue)))
  }

  /// sd-id128(3), and what systemd.io/CATALOG asks for.
  @Test(arguments: JournalEntry.Kind.allCases)
  func isAsTheFormatWants(kind: JournalEntry.Kind) throws {
    #expect(kind.rawValue.wholeMatch(of: /[0-9a-f]{32}/) != nil)
    let entry = try #require(try entries()[kind.rawValue])
    #expect(entry.hasPrefix("Subject: "))
    #expect(entry.contains("\nDefined-By: namespaced-wireguard-vpn\nDocumentation: man:"))
    // A blank line parts head and text, and the text is one.
    #expect(entry.split(separator: "\n\n", maxSplits: 1).count == 2)
    #expect(entry.contains("@NSWG_INSTANCE@"))
  }
}
