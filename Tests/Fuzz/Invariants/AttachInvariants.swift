internal import GeneratorCore

/// Every unit that a file of readable form attaches has a drop-in, whatever else is wrong with it:
/// else it would run outside its VPN, and nobody would be told.
func checkAttached(
  _ plan: UnitPlan, of files: [(file: ConfigFile, bytes: [UInt8])], _ findings: inout Findings
) {
  let paths = Set(plan.files.map(\.path))
  for (file, bytes) in files {
    for value in attachingValues(bytes, path: file.path) {
      for unit in validUnits(value) {
        findings.expect(
          paths.contains("\(unit).d/50-namespaced-wireguard-vpn.conf"),
          "\(file.path) attaches \(unit), which has no drop-in")
      }
    }
  }
}

/// The values that count, by a reading of our own.
private func attachingValues(_ bytes: [UInt8], path: String) -> [String] {
  guard ProviderFile.isForm(of: bytes) else {
    let assignments = EnvironmentFile(parsing: bytes, path: path).assignments
    return assignments.last { $0.key == "ATTACH_UNITS" }.map { [$0.value] } ?? []
  }
  return ProviderFile(parsing: bytes, path: path).sections
    .filter { $0.name.lowercased() == "namespace" }
    .flatMap(\.assignments).filter { $0.key.lowercased() == "units" }.map(\.value)
}

/// Words that are names of services and sockets, as systemd.unit(5) has them; not our own, none
/// that stands for others, none that could be a key, and none too long for a directory's name.
private func validUnits(_ value: String) -> [String] {
  let words = value.utf8.split { ", \t\n\r\u{b}\u{c}".utf8.contains($0) }.map(Array.init)
  return words.filter { word in
    word.count <= 200 && !mayShowKey(word)
      && word.allSatisfy { $0.isWordCharacter || "@._-:\\".utf8.contains($0) }
      && !".@".utf8.contains(word[0])
  }.map { String(decoding: $0, as: UTF8.self) }.filter { name in
    [".service", ".socket"].contains { name.hasSuffix($0) }
      && !name.hasPrefix("namespaced-wireguard-vpn")
      && ["-.service", "-.socket", "-@"].allSatisfy { !name.contains($0) }
  }
}
