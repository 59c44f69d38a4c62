package import SystemCalls

/// Writes a plan below `directory`, which systemd empties before it runs a generator.
///
/// A file is there whole or not at all. Returns what could not be written; the rest is written
/// all the same.
package func writeUnits(_ plan: UnitPlan, to directory: String) -> [SystemError] {
  var errors: [SystemError] = []
  var made: Set<String> = []
  /// Makes the one level of directory that drop-ins and dependency links need.
  func makeParent(of path: String) throws(SystemError) {
    guard let slash = path.firstIndex(of: "/") else { return }
    let parent = String(path[..<slash])
    guard made.insert(parent).inserted else { return }
    try makeDirectories("\(directory)/\(parent)", mode: 0o755)
  }
  for file in plan.files {
    do throws(SystemError) {
      try makeParent(of: file.path)
      try createFile("\(directory)/\(file.path)", with: Array(file.text.utf8), mode: 0o644)
    } catch { errors.append(error) }
  }
  for link in plan.links {
    do throws(SystemError) {
      try makeParent(of: link.path)
      try makeSymbolicLink("\(directory)/\(link.path)", to: link.target)
    } catch { errors.append(error) }
  }
  return errors
}
