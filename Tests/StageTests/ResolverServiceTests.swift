import GeneratorCore
import SystemCalls
import Testing

@testable import Stage

/// What comes back from the process that resolves names; the rest takes systemd.
@Suite struct ResolverServiceTests {
  private static func read(_ answer: String) throws -> [String] {
    try ResolverService.read(answer, Endpoint(parsing: "vpn.example.org:51820")).map(\.description)
  }

  @Test func addressesInTheirOrder() throws {
    #expect(
      try Self.read("[2001:db8::1]:51820\n192.0.2.1:51820\n")
        == ["[2001:db8::1]:51820", "192.0.2.1:51820"])
  }

  @Test(arguments: [
    ("temporary no name server\n", "no name server", true),
    ("failed there is no such name\n", "there is no such name", false),
    (
      "",
      "the endpoint 'vpn.example.org:51820' cannot be resolved: the lookup ended without an"
        + " answer", true
    ),
    (
      "192.0.2.1:51820\nnonsense\n",
      "the endpoint 'vpn.example.org:51820' cannot be resolved: the"
        + " lookup ended without an answer", true
    ),
  ])
  func reasons(answer: String, text: String, isTemporary: Bool) throws {
    let error = #expect(throws: ResolutionError.self) { try Self.read(answer) }
    #expect(error == ResolutionError(description: text, isTemporary: isTemporary))
  }
}
