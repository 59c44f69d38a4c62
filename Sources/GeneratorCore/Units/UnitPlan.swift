/// What is to exist in the generator's output directory, as a value; paths are relative to it.
package struct UnitPlan: Equatable, Sendable {
  package struct File: Equatable, Sendable {
    package let path: String
    package let bytes: [UInt8]

    package var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  package struct Link: Equatable, Sendable {
    package let path: String
    package let target: String
  }

  package private(set) var files: [File] = []
  package private(set) var links: [Link] = []

  package init() {}

  mutating func addFile(_ path: String, _ unit: UnitText) {
    files.append(File(path: path, bytes: unit.bytes))
  }

  /// Adds the link by which `unit` pulls in `dependency`; `kind` is `wants` or `requires`.
  ///
  /// `[Install]` means nothing in generated units, systemd.generator(7), so a generator writes the
  /// links that `systemctl enable` would.
  mutating func addDependency(_ unit: String, _ kind: String, _ dependency: String, at file: String)
  {
    links.append(Link(path: joined(unit, ".", kind, "/", dependency), target: file))
  }

  package mutating func append(_ other: UnitPlan) {
    files += other.files
    links += other.links
  }
}

/// Where the package put what generated units refer to.
package struct InstalledPaths: Equatable, Sendable {
  /// `nswg-stage`.
  package let stage: String
  /// The directory of the packaged units.
  package let units: String

  package init(stage: String, units: String) {
    self.stage = stage
    self.units = units
  }

  /// The paths beside a generator at `…/lib/systemd/system-generators/NAME`, so that a staged or
  /// /usr/local installation works; nil when it is somewhere else.
  package init?(besideGenerator path: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 4,
      parts.suffix(3).dropLast().elementsEqual(["systemd", "system-generators"])
    else { return nil }
    let library = parts.dropLast(3).joined(separator: "/")
    self.init(stage: "\(library)/\(packageName)/nswg-stage", units: "\(library)/systemd/system")
  }
}
