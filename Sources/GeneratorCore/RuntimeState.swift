internal import SystemCalls

/// What stages have recorded below /run, as far as it concerns the generator: that they have, and
/// which services run in a namespace.
struct RuntimeState {
  private let directory: String
  /// The directories of instances with records; sorted.
  ///
  /// One that cannot be read counts as empty: at boot there is none.
  private let names: [String]
  private let present: Set<String>

  init(root: String = "") {
    directory = "\(root)/run/\(packageName)"
    names = (try? directoryNames(directory)) ?? []
    present = Set(names)
  }

  /// An instance that is at least partly up and has no file.
  struct Orphan: Equatable {
    let name: InstanceName
    let stages: [StageName]
    /// Where its record is.
    let directory: String
  }

  /// Every instance with a record but not among `known`, sorted by name.
  func findOrphans(besides known: some Sequence<InstanceName>) -> [Orphan] {
    guard !names.isEmpty else { return [] }
    let known = Set(known)
    return names.compactMap { text in
      let name = text == InstanceName.single.text ? .single : InstanceName(text)
      guard let name, !known.contains(name),
        let records = try? directoryNames("\(directory)/\(text)")
      else { return nil }
      let stages = StageName.allCases.filter { records.contains($0.rawValue) }
      return stages.isEmpty
        ? nil : Orphan(name: name, stages: stages, directory: "\(directory)/\(text)")
    }
  }

  /// Where services of a running instance are, whatever became of its file.
  struct RecordedConfinement: Equatable {
    let namespacePath: String
    let units: [String]
    let publications: [Publication]
  }

  /// What the netns stage recorded; nil when it has no record.
  func confinement(of name: InstanceName) -> RecordedConfinement? {
    guard has(name) else { return nil }
    let path = "\(directory)/\(name)/\(StageName.netns.rawValue)"
    // As large as the file that it is about, and more.
    guard let bytes = try? readFile(path, limit: ConfigDirectories.sizeLimit * 4) else {
      return nil
    }
    var namespacePath: String?
    var units: [String] = []
    var publications: [Publication] = []
    for line in RecordLine.lines(of: bytes) {
      let words = line.words
      switch words.first {
      case "namespace" where words.count > 1: namespacePath = words[1]
      case "attach" where words.count == 2:
        // Nobody but root writes there; a path would lead out of the output directory all the same.
        if !words[1].utf8.contains(UInt8(ascii: "/")) { units.append(words[1]) }
      case "publish" where words.count == 2:
        if let publication = try? parsePublication(words[1][...]) {
          publications.append(publication)
        }
      default: continue
      }
    }
    return namespacePath.map {
      RecordedConfinement(namespacePath: $0, units: units, publications: publications)
    }
  }

  /// Whether a stage of the instance has a record, so that there is something to tear down.
  func hasRecord(_ stage: StageName, of name: InstanceName) -> Bool {
    has(name) && ((try? fileStatus("\(directory)/\(name)/\(stage.rawValue)")) ?? nil) != nil
  }

  private func has(_ name: InstanceName) -> Bool { present.contains(name.text) }
}
