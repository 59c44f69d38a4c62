package import GeneratorCore
internal import SystemCalls

/// What `systemctl reload` would do to a running instance, in words and without a secret.
package struct ReloadPreview: Equatable, Sendable {
  /// What would be otherwise; empty when nothing would.
  package let changes: [String]
  /// What the file asks for and takes more than a reload, each with its remedy.
  package let refused: [String]

  package init(changes: [String], refused: [String]) {
    self.changes = changes
    self.refused = refused
  }
}

extension Observer {
  /// What a reload would do to give the instance what its file says; nil when it is not up.
  package func previewReload(_ instance: Instance) throws(StageError) -> ReloadPreview? {
    let record = "\(stateRoot)/\(instance.name)/\(StageName.wg.rawValue)"
    guard try system(try fileStatus(record)) != nil else { return nil }
    let state = try system(try StateDirectory(reading: instance.name, root: stateRoot))
    // What it would say while it looks things up is for the journal of the real one.
    let reload = WireGuardReload(
      instance, memory: EndpointMemory(instance.name, root: root), emit: { _ in })
    let result = try reload.preview(state)
    return ReloadPreview(changes: result.changes, refused: result.refused)
  }
}
