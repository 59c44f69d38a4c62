internal import GeneratorCore

private let paths = InstalledPaths(stage: "/usr/lib/p/nswg-stage", units: "/usr/lib/systemd/system")
private let generator = Generator(paths: paths)

func generatorFindings(_ bytes: [UInt8]) -> [String] {
  var findings = Findings()
  let files = splitFiles(bytes)
  let loaded = files.map { parseInstance($0.file, bytes: $0.bytes) }
  let result = generator.plan(loaded)
  let again = generator.plan(files.map { parseInstance($0.file, bytes: $0.bytes) })
  findings.expect(
    result.plan == again.plan && result.diagnostics == again.diagnostics, "two runs differ")
  findings.checkMessages(result.diagnostics)
  checkPlaces(result.diagnostics, files, &findings)
  for one in loaded {
    findings.expect(
      (one.instance == nil) == one.diagnostics.contains(where: \.isError),
      "neither an instance nor a reason, or both: \(one.path)")
    findings.expect(
      one.diagnostics.allSatisfy { $0.location.path == one.path },
      "a message about another file: \(one.path)")
  }
  checkUnits(result.plan, of: loaded, &findings)
  checkAttached(result.plan, of: files, &findings)
  checkIndependence(result.plan, of: loaded, &findings)
  return findings.texts
}

/// Those about one file, and those about two.
private func checkPlaces(
  _ diagnostics: [Diagnostic], _ files: [(file: ConfigFile, bytes: [UInt8])],
  _ findings: inout Findings
) {
  var positions: [String: [TextPositions]] = [:]
  for (file, bytes) in files {
    positions[file.path, default: []] += [true, false].map {
      TextPositions(bytes, skippingMark: $0)
    }
  }
  for diagnostic in diagnostics {
    let places = positions[diagnostic.location.path] ?? []
    findings.expect(
      places.contains { $0.isInside(diagnostic.location) }, "no such place: \(diagnostic)")
  }
}

private func checkUnits(
  _ plan: UnitPlan, of loaded: [LoadedInstance], _ findings: inout Findings
) {
  let secrets = loaded.compactMap(\.instance).flatMap(\.secrets)
  let orphans = loaded.prefix(1).map {
    UnitPlanner(paths: paths).planOrphan($0.name, stages: StageName.allCases, directory: $0.path)
  }
  for file in plan.files + orphans.flatMap(\.files) {
    checkUnit(file, stage: paths.stage, &findings)
    for secret in secrets {
      findings.expect(!holds(secret, in: file.text), "a key of a configuration in \(file.path)")
    }
  }
  let names = plan.files.map(\.path) + plan.links.map(\.path)
  findings.expect(Set(names).count == names.count, "two of one name: \(names)")
  for link in plan.links { checkLink(link, &findings) }
  // A file with a fault has a unit that fails: it is never missing.
  for one in loaded {
    findings.expect(names.contains(one.name.service(.netns)), "no unit for \(one.path)")
  }
}

/// What a file with a fault in it yields must not change what the others yield.
///
/// But a unit that it attaches is its own, so that another file which attaches it is refused.
private func checkIndependence(
  _ plan: UnitPlan, of loaded: [LoadedInstance], _ findings: inout Findings
) {
  let good = loaded.filter { $0.instance != nil }
  let attached = loaded.flatMap { $0.confinement?.units ?? [] }
  guard !good.isEmpty, good.count < loaded.count, Set(attached).count == attached.count
  else { return }
  let alone = generator.plan(good).plan
  for file in alone.files where !file.path.hasPrefix("\(InstanceName.allTarget).d/") {
    findings.expect(plan.files.contains(file), "\(file.path) depends on a file with a fault")
  }
}

/// Files of a run are separated by the record separator of ASCII; one may begin with its name and
/// the unit separator.
///
/// A name that no instance can have becomes part of the path only, as from `--root`.
private func splitFiles(_ bytes: [UInt8]) -> [(file: ConfigFile, bytes: [UInt8])] {
  let defaults = [
    InstanceName("home"), InstanceName("work"), InstanceName("a-name-too-long-for-an-interface"),
    InstanceName.single,
  ].compactMap(\.self)
  let records = bytes.split(separator: 0x1e, maxSplits: 3, omittingEmptySubsequences: false)
  var files: [InstanceName: (file: ConfigFile, bytes: [UInt8])] = [:]
  for (record, fallback) in zip(records, defaults) {
    let parts = record.split(separator: 0x1f, maxSplits: 1, omittingEmptySubsequences: false)
    let text =
      parts.count == 2
      ? String(decoding: parts[0].filter { !$0.isControl }, as: UTF8.self) : fallback.text
    // A path is shown as it is, so it must not be what messages and units are searched for.
    let isLong = text.utf8.count > 100 || mayShowKey("/c/\(text).conf".utf8)
    let shown = isLong ? fallback.text : text
    let name = InstanceName(shown) ?? fallback
    let path = "/c/\(shown).conf"
    files[name] = (ConfigFile(name: name, path: path), Array(parts[parts.count - 1]))
  }
  return files.values.sorted { $0.file.name.text < $1.file.name.text }
}

extension Instance {
  /// The texts of the keys that must be nowhere.
  fileprivate var secrets: [[UInt8]] {
    var keys = wireGuard.peers.compactMap(\.presharedKey)
    if case .inline(let key) = wireGuard.privateKey { keys.append(key) }
    return keys.map { base64($0.bytes) }
  }
}

private func base64(_ bytes: [UInt8]) -> [UInt8] {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[start + $1]) : 0) }
    for index in 0...3 {
      let digit = digits[bits >> (18 - 6 * index) & 63]
      text.append(index <= group.count ? digit : UInt8(ascii: "="))
    }
  }
  return text
}

private func holds(_ needle: [UInt8], in text: String) -> Bool {
  let bytes = Array(text.utf8)
  guard let first = needle.first else { return false }
  return bytes.indices.contains { bytes[$0] == first && bytes[$0...].starts(with: needle) }
}
