/// What one file says, of whichever form, and every fault in its keys and values.
package struct ReadConfig {
  package internal(set) var config: Config
  package internal(set) var diagnostics: [Diagnostic] = []
  /// Keys that are there but whose value was refused, by their place in the provider form; those
  /// of a peer are in its own list.
  private(set) var refusedKeys: [ProviderKey] = []
  /// Whether the file is no text of its form at all, so that what it lacks is not worth a message.
  package private(set) var isUnreadable = false

  /// Reads `bytes` in the form that they have; `path` is for locations only.
  package init(parsing bytes: [UInt8], path: String) {
    if ProviderFile.isForm(of: bytes) {
      config = Config(form: .provider)
      let file = ProviderFile(parsing: bytes, path: path)
      diagnostics = file.diagnostics
      isUnreadable = file.sections.isEmpty
      readProvider(file.sections)
    } else {
      config = Config(form: .environment)
      let file = EnvironmentFile(parsing: bytes, path: path)
      diagnostics = file.diagnostics
      isUnreadable = diagnostics.contains(where: \.isError)
      readEnvironment(file.assignments)
    }
  }

  /// Reads one value into its field; a fault becomes a message.
  mutating func read(_ assignment: Assignment, as key: ConfigKey) {
    if let fault = key.read(assignment, &config) { refuse(assignment, as: key, fault) }
  }

  mutating func refuse(_ assignment: Assignment, as key: ConfigKey, _ fault: ValueFault) {
    if case .peer = key.providerKey {
      config.peer.refusedKeys.append(key.providerKey)
    } else {
      refusedKeys.append(key.providerKey)
    }
    let location =
      fault.item.map { assignment.places.location(of: $0.offset) } ?? assignment.valueLocation
    report(
      .error, location, "\(assignment.key)=: \(shown(assignment, as: key, fault.item)) \(fault)")
  }

  /// The value or its faulty item, unless any part of the value may be of a key.
  private func shown(_ assignment: Assignment, as key: ConfigKey, _ item: ListItem?) -> String {
    guard !key.isSecret else { return "the value" }
    guard let item, !mayHoldKey(assignment.value) else { return quoted(assignment.value) }
    return quoted(String(item.text))
  }

  mutating func report(
    _ severity: Diagnostic.Severity, _ location: SourceLocation, _ text: String
  ) {
    diagnostics.append(Diagnostic(severity, location, text))
  }
}
