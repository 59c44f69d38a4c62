internal import SystemCalls

/// What stages have recorded below /run, as far as it concerns the generator: that they have.
struct RuntimeState {
  private let directory: String

  init(root: String = "") {
    directory = "\(root)/run/\(packageName)"
  }

  /// An instance that is at least partly up and has no file.
  struct Orphan: Equatable {
    let name: InstanceName
    let stages: [StageName]
    /// Where its record is.
    let directory: String
  }

  /// Every instance with a record but not among `known`, sorted by name.
  ///
  /// A directory that cannot be read counts as one without records: at boot there is none.
  func findOrphans(besides known: Set<InstanceName>) -> [Orphan] {
    ((try? directoryNames(directory)) ?? []).compactMap { text in
      let name = text == InstanceName.single.text ? .single : InstanceName(text)
      guard let name, !known.contains(name),
        let records = try? directoryNames("\(directory)/\(text)")
      else { return nil }
      let stages = StageName.allCases.filter { records.contains($0.rawValue) }
      return stages.isEmpty
        ? nil : Orphan(name: name, stages: stages, directory: "\(directory)/\(text)")
    }
  }

  /// Whether a stage of the instance has a record, so that there is something to tear down.
  func hasRecord(_ stage: StageName, of name: InstanceName) -> Bool {
    ((try? fileStatus("\(directory)/\(name)/\(stage.rawValue)")) ?? nil) != nil
  }
}
