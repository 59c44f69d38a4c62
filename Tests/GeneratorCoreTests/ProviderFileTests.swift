import Testing

@testable import GeneratorCore

/// The grammar of wg-quick(8) and wg(8): one row a rule.
@Suite struct ProviderFileTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let text: String
    /// `[Section]` and `Key=value`, in the order of the file.
    let items: [String]
    var errors: [String] = []
    var testDescription: String { text.debugDescription }
  }

  private static let noSetting =
    "neither 'Key = value' nor a '[Section]'; a comment begins with '#'"
  private static let tooEarly = "a setting before the first '[Section]'; allowed: only comments"

  static let rows: [Row] = [
    Row(text: "", items: []),
    Row(text: "\n \t\n\r\n", items: []),
    Row(text: "[Interface]", items: ["[Interface]"]),
    Row(text: "[A]\n[A]\nx=1\n[B]", items: ["[A]", "[A]", "x=1", "[B]"]),
    // Letter case is kept here; the reader does not mind it.
    Row(text: "[iNTERface]\nmTu=1", items: ["[iNTERface]", "mTu=1"]),
    Row(text: " \t[ Interface ] \n", items: ["[Interface]"]),
    Row(text: "[A]\nk=v\nk=w\nk=v", items: ["[A]", "k=v", "k=w", "k=v"]),
    Row(text: "[A]\nk=a, b ,c", items: ["[A]", "k=a, b ,c"]),
    // Blanks around key and value go, those inside stay.
    Row(text: "[A]\n \tk \t=\t v  w \t", items: ["[A]", "k=v  w"]),
    Row(text: "[A]\nk=", items: ["[A]", "k="]),
    Row(text: "[A]\nk = \t ", items: ["[A]", "k="]),
    Row(text: "[A]\nk=a=b==", items: ["[A]", "k=a=b=="]),
    Row(text: "[A]\n=v", items: ["[A]", "=v"]),
    // Comments: '#' anywhere, ';' nowhere.
    Row(text: "# c\n[A] # c\n#k=v\nk=v#w\nl=#", items: ["[A]", "k=v", "l="]),
    Row(text: "[A]\nk=v;w", items: ["[A]", "k=v;w"]),
    Row(text: "[A]\n; c", items: ["[A]"], errors: ["f:2:1: \(noSetting)"]),
    Row(text: "#[A]\nk=v", items: [], errors: ["f:2:1: \(tooEarly)"]),
    // Nothing is quoted, joined or expanded.
    Row(text: "[A]\nk=\"a b\" 'c'", items: ["[A]", "k=\"a b\" 'c'"]),
    Row(text: "[A]\nk=a\\\nl=%i $x", items: ["[A]", "k=a\\", "l=%i $x"]),
    // A byte order mark and the line ends of other systems.
    Row(text: "\u{feff}[A]\nk=v", items: ["[A]", "k=v"]),
    Row(text: "[A]\r\nk=v\r\n\r\n# c\r\nl=w\r\n", items: ["[A]", "k=v", "l=w"]),
    // What wg refuses is refused, and the rest is read all the same.
    Row(
      text: "k=v\n[A]\nl=w", items: ["[A]", "l=w"], errors: ["f:1:1: \(tooEarly)"]),
    Row(
      text: "[A]\nk=v\n  junk\nl=w\n[B", items: ["[A]", "k=v", "l=w"],
      errors: ["f:3:3: \(noSetting)", "f:5:1: \(noSetting)"]),
    Row(text: "[A] x\n]\n[", items: [], errors: (1...3).map { "f:\($0):1: \(noSetting)" }),
    Row(text: "[]\nk=v", items: ["[]", "k=v"]),
    Row(text: "[A]\nk=ü\u{1f600}", items: ["[A]", "k=ü\u{1f600}"]),
  ]

  @Test(arguments: rows) func row(_ row: Row) {
    let file = ProviderFile(parsing: Array(row.text.utf8), path: "f")
    let items = file.sections.flatMap { section in
      ["[\(section.name)]"] + section.assignments.map { "\($0.key)=\($0.value)" }
    }
    #expect(items == row.items)
    #expect(file.diagnostics.map(\.description) == row.errors)
    #expect(file.diagnostics.allSatisfy { $0.isError })
  }

  @Test func locationsCountPhysicalLinesAndBytes() {
    let text = "# ä\n\n  [A]\n\tk =  v\nü=\r\n ä = ö"
    let file = ProviderFile(parsing: Array(text.utf8), path: "f")
    #expect(file.sections.map(\.location.description) == ["f:3:3"])
    let assignments = file.sections.flatMap(\.assignments)
    #expect(assignments.map(\.keyLocation.description) == ["f:4:2", "f:5:1", "f:6:2"])
    #expect(assignments.map(\.valueLocation.description) == ["f:4:7", "f:5:4", "f:6:7"])
  }

  @Test(
    arguments: [
      ("a NUL byte: this is not a text file", [0x00]),
      ("a NUL byte: this is not a text file", [0xff, 0x00]),
      ("not UTF-8: this is not a text file, or of another encoding", [0xff]),
      ("not UTF-8: this is not a text file, or of another encoding", [0xe2, 0x82]),
      ("not UTF-8: this is not a text file, or of another encoding", [0x23, 0xfc, 0x0a]),
    ] as [(String, [UInt8])])
  func noText(expected: String, bytes: [UInt8]) {
    let file = ProviderFile(parsing: Array("[Interface]\nMTU=1400\n".utf8) + bytes, path: "f")
    #expect(file.sections.isEmpty && file.diagnostics.map(\.description) == ["f: \(expected)"])
  }

  /// One line that is a section's header outside any quotes makes a file this form.
  @Test(arguments: [
    "[Interface]", "[INTERFACE]", "\n\n  [interface]\t\n", "# c\n[Interface] # c\r\n",
    "\u{feff}[Interface]\r\n", "; c\n[Interface]\n", "[ Interface ]", "[Peer]\n",
    // Mistakes in a provider's file do not make it the other form, whose messages would mislead.
    "PrivateKey = x\n[Interface]\n", "[Interfase]\n[Peer]\n", "junk\n[Interface]",
    "WIREGUARD_NAME=\"a\"\n[Interface]\n", "A=\"\n\"\n[Peer]\n", "# it's\n[Interface]\n",
    "A='it\n[Interface]\n'\n[Interface]\n",
  ])
  func provider(_ text: String) {
    #expect(ProviderFile.isForm(of: Array(text.utf8)))
  }

  /// Within quotes, or joined to the line before, such a line is a part of a value for systemd.
  @Test(arguments: [
    "", "A=x", "#[Interface]\n", "[Interface", "Interface]", "[Interface]x", "[Namespace]\n",
    "[Tunnel]\n", "[Interfaces]\n", "A=[Interface]\n", "A=\"\n[Interface]\n\"\n",
    "A='\n[Interface]\n'", "A=\"\n[Interface]\n", "A=x\\\n[Interface]\n", "A=\"b\" \\\n[Peer]\n",
    "A=\"\r\n[Interface]\r\n\"\r\n", "[\nInterface]", "; [Interface]",
  ])
  func environment(_ text: String) {
    #expect(!ProviderFile.isForm(of: Array(text.utf8)))
  }

  /// The value stays a value, and the file means what it means to systemd.
  @Test func headerWithinQuotes() throws {
    let note = "NOTE=\"from the provider:\n[Interface]\nPrivateKey = (see above)\n\"\n"
    let loaded = try load(minimalConfig + note)
    #expect(try loaded.instance != nil && loaded.instance == load(minimalConfig).instance)
    #expect(
      loaded.diagnostics.map(\.line) == [
        "warning: /c/work.conf:5:1: unknown key 'NOTE'; ignoring it"
      ])
  }
}
