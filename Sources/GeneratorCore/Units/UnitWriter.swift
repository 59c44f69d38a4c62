package import SystemCalls

/// Writes plans below a directory, which systemd empties before it runs a generator.
///
/// A file is there whole or not at all. What could not be written is in `errors`; the rest is
/// written all the same.
package struct UnitWriter: ~Copyable {
  private let directory: OwnedFileDescriptor
  private let path: String
  /// The directories that were made last: an instance's links share theirs, and nearly all instances
  /// have one in multi-user.target.wants.
  private var recent: [String] = []
  package private(set) var errors: [SystemError] = []

  package init(_ path: String) throws(SystemError) {
    self.path = path
    directory = try OwnedFileDescriptor.openDirectory(path)
  }

  package mutating func write(_ plan: borrowing UnitPlan) {
    for file in plan.files {
      write(file.path) { (directory, name) throws(SystemError) in
        try directory.createFileAt(name, with: file.bytes, mode: 0o644)
      }
    }
    for link in plan.links {
      write(link.path) { (directory, name) throws(SystemError) in
        try directory.makeSymbolicLinkAt(name, to: link.target)
      }
    }
  }

  private mutating func write(
    _ name: String, _ body: (borrowing OwnedFileDescriptor, String) throws(SystemError) -> Void
  ) {
    do throws(SystemError) {
      try makeParent(of: name)
      try body(directory, name)
    } catch {
      errors.append(error.about("\(path)/\(name)"))
    }
  }

  /// Makes the one level of directory that drop-ins and dependency links need.
  private mutating func makeParent(of name: String) throws(SystemError) {
    let bytes = name.utf8.span
    guard let slash = bytes.indices.first(where: { bytes[$0] == UInt8(ascii: "/") }) else { return }
    let parent = String(Substring(name.utf8.prefix(slash)))
    guard !recent.contains(parent) else { return }
    try directory.makeDirectoryAt(parent, mode: 0o755)
    if recent.count == 8 { recent.removeFirst() }
    recent.append(parent)
  }
}
