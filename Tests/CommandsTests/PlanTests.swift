import GeneratorCore
import Testing

@testable import Commands

@Suite struct PlanTests {
  @Test(
    arguments: [
      ("a\nb\n", "a\nb\n", []),
      ("a\nb\n", "a\nc\n", [" a", "-b", "+c", " "]),
      ("", "a\n", ["+a", " "]),
      (
        "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
        ["@@", " 2", " 3", " 4", "-5", "+x", " 6", " 7", " 8"]
      ),
    ] as [(String, String, [String])])
  func differences(_ old: String, _ new: String, _ lines: [String]) {
    #expect(TextDifference.lines(from: old, to: new).map { $0 } == lines)
  }

  /// The generator's own plan against itself, and with something else in each place.
  @Test func unitsAreCompared() throws {
    let paths = InstalledPaths(stage: "/stage", units: "/units")
    let plan = Generator(root: "/nonexistent", paths: paths).plan([try Samples.loaded()]).plan
    var loaded = LoadedUnits()
    for file in plan.files { loaded.files[file.path] = file.text }
    for link in plan.links { loaded.links[link.path] = link.target }
    #expect(plan.files.count > 4 && plan.links.count > 1)
    #expect(ReloadPlan.compare(loaded, plan) == [])
    let (first, link) = (plan.files[0].path, plan.links[0].path)
    loaded.files["gone.service"] = "x"
    loaded.files[first] = nil
    loaded.links[link] = "elsewhere"
    let changes = Dictionary(
      uniqueKeysWithValues: ReloadPlan.compare(loaded, plan).map { ($0.path, $0.change) })
    #expect(changes.count == 3)
    #expect(changes["gone.service"] == .removed && changes[first] == .added)
    guard case .changed = changes[link] else {
      Issue.record("the link has not changed")
      return
    }
  }

  @Test func textNamesWhatARunningVPNTakes() {
    let plan = ReloadPlan(
      units: [
        .init(path: "a.service", .added), .init(path: "b.service", .removed),
        .init(path: "c.service", .changed(["@@", "-x", "+y"])),
      ],
      effects: [
        .init(
          name: "work", reload: .init(unit: "wg.service", changes: ["MTU 1→2"]),
          restart: ["NETNS_NAME= a→b: restart t"]),
        .init(name: "old", note: "runs on"),
      ])
    #expect(
      plain(PlanRendering.lines(plan)) == """
        + a.service
        - b.service
        ~ c.service
            @@
            -x
            +y
        work runs:
            takes by systemctl reload wg.service:
                MTU 1→2
            takes more than a reload:
                NETNS_NAME= a→b: restart t
        old runs:
            runs on

        """)
    #expect(
      plain(PlanRendering.lines(ReloadPlan(units: [], effects: []))) == "nothing would change\n")
  }
}
