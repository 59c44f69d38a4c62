import Foundation
import SystemCalls

/// What a directory holds, by path relative to it: comparable, and writable again.
struct Tree: Equatable {
  enum Entry: Equatable, CustomStringConvertible {
    /// The permissions are left out when a tree comes from git, which keeps only one bit of them.
    case file(text: String, permissions: UInt32?)
    case link(target: String)
    case other

    var description: String {
      switch self {
      case .file(let text, let permissions):
        (permissions.map { "0\(String($0, radix: 8)) " } ?? "") + text
      case .link(let target): "-> \(target)"
      case .other: "neither file nor link"
      }
    }
  }

  var entries: [String: Entry] = [:]

  init() {}

  init(reading directory: String, withPermissions: Bool) throws {
    try read(directory, below: "", withPermissions: withPermissions)
  }

  private mutating func read(
    _ directory: String, below prefix: String, withPermissions: Bool
  ) throws {
    for name in try directoryNames(directory) {
      let path = "\(directory)/\(name)"
      guard let status = try linkStatus(path) else { continue }
      switch status.kind {
      case .directory:
        try read(path, below: "\(prefix)\(name)/", withPermissions: withPermissions)
      case .regular:
        let text = String(decoding: try readFile(path, limit: 1 << 22), as: UTF8.self)
        entries[prefix + name] = .file(
          text: text, permissions: withPermissions ? status.permissions : nil)
      case .link: entries[prefix + name] = .link(target: try symbolicLinkTarget(path))
      default: entries[prefix + name] = .other
      }
    }
  }

  /// The same with `word` taken out of every text and target.
  func removing(_ word: String) -> Tree {
    var tree = self
    tree.entries = entries.mapValues { entry in
      switch entry {
      case .file(let text, let permissions):
        .file(text: text.replacingOccurrences(of: word, with: ""), permissions: permissions)
      case .link(let target): .link(target: target.replacingOccurrences(of: word, with: ""))
      case .other: .other
      }
    }
    return tree
  }

  func withPermissions(_ permissions: UInt32) -> Tree {
    var tree = self
    tree.entries = entries.mapValues { entry in
      if case .file(let text, _) = entry {
        .file(text: text, permissions: permissions)
      } else {
        entry
      }
    }
    return tree
  }

  func write(to directory: String) throws {
    for (path, entry) in entries {
      let full = "\(directory)/\(path)"
      try makeDirectories((full as NSString).deletingLastPathComponent, mode: 0o755)
      switch entry {
      case .file(let text, let permissions):
        try createFile(full, with: Array(text.utf8), mode: permissions ?? 0o644)
      case .link(let target): try makeSymbolicLink(full, to: target)
      case .other: break
      }
    }
  }

  /// One line a difference, for people: the two trees themselves are too long to read.
  func differences(from expected: Tree) -> [String] {
    Set(entries.keys).union(expected.entries.keys).sorted().compactMap { path in
      let (mine, theirs) = (entries[path], expected.entries[path])
      guard mine != theirs else { return nil }
      guard let mine else { return "\(path): missing" }
      guard let theirs else { return "\(path): not expected: \(mine)" }
      let old = theirs.description.split(separator: "\n", omittingEmptySubsequences: false)
      let new = mine.description.split(separator: "\n", omittingEmptySubsequences: false)
      let changes = new.difference(from: old).map { change in
        switch change {
        case .remove(_, let line, _): "- \(line)"
        case .insert(_, let line, _): "+ \(line)"
        }
      }
      return "\(path):\n" + changes.joined(separator: "\n")
    }
  }
}
