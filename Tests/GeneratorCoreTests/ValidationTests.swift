import SystemCalls
import Testing

@testable import GeneratorCore

/// Every rule for one file: a provider's file and the exact messages it gets.
@Suite struct ValidationTests {
  private func messages(of text: String) throws -> [String] {
    let loaded = try load(text)
    #expect((loaded.instance == nil) == loaded.diagnostics.contains(where: \.isError))
    return loaded.diagnostics.map { diagnostic in
      let place = diagnostic.location.description.replacing("/c/work.conf", with: "")
      let start = (diagnostic.isError ? "error " : "warning ") + place.dropFirst()
      let consequence = "; VPN 'work' does not start"
      #expect(diagnostic.text.hasSuffix(consequence) == diagnostic.isError)
      let text = diagnostic.text.replacing(consequence, with: "")
      return "\(place.isEmpty ? String(start.dropLast()) : start): \(text)"
    }
  }

  /// The minimal file with a line's value replaced; `-` takes the line out.
  private func change(_ row: ValidationRow) -> String {
    let lines = minimalProviderFile.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.compactMap { line in
      guard line.hasPrefix("\(row.line) =") else { return String(line) }
      return row.new == "-" ? nil : "\(row.line) = \(row.new)"
    }.joined(separator: "\n")
  }

  @Test(arguments: ValidationRows.all) func row(_ row: ValidationRow) throws {
    let text = change(row)
    #expect(text != minimalProviderFile)
    #expect(try messages(of: text) == row.messages)
  }

  @Test func noPeerAtAll() throws {
    let text = minimalProviderFile.split(separator: "\n").prefix(3).joined(separator: "\n")
    #expect(
      try messages(of: text) == ["error: there is no [Peer]: the provider's server is missing"])
  }

  /// Faults of all kinds, of keys, values, lines and what is missing, in the order of the lines.
  @Test func allFaultsAtOnceSortedByLine() throws {
    let text = """
      junk
      [Interface]
      MTU = 1
      [Peer]
      Endpoint = 1.2.3.4
      Adress = 1
      [Namespace]
      Interface = a b
      [Interface]
      PostUp = true
      ListenPort = x
      """
    let found = try messages(of: text)
    #expect(
      found.map { $0.prefix { $0 != "=" && $0 != "(" }.prefix(30) } == [
        "error 1:1: neither 'Key ", "error 3:7: MTU", "error 4:1: PublicKey",
        "warning 4:1: no AllowedIPs", "error 5:12: Endpoint", "error 6:1: unknown key 'Adress",
        "error 8:13: Interface", "warning 10:1: not used: PostUp", "error 11:14: ListenPort",
        "error: PrivateKey", "error: Address",
      ])
  }

  @Test func messagesHaveALimitAndTheFirstLinesAreKept() throws {
    let junk = (1...40).map { "Nonsense\($0) = 1\n" }.joined()
    let found = try messages(of: minimalProviderFile + junk)
    #expect(found.count == 26 && found.last == "error: 15 more errors, not shown")
    #expect(found.first?.hasPrefix("error 9:1: unknown key 'Nonsense1'") ?? false)
    #expect(found.dropLast().last?.hasPrefix("error 33:1: unknown key 'Nonsense25'") ?? false)
  }
}
