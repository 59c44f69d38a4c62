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
    let state: StateDirectory
    do throws(SystemError) {
      state = try StateDirectory(reading: instance.name, root: stateRoot)
    } catch {
      if error.isMissing { return nil }
      throw StageError(error)
    }
    // What it would say while it looks things up is for the journal of the real one.
    guard let result = try WireGuardReload(instance, emit: { _ in }).preview(state) else {
      return nil
    }
    return ReloadPreview(changes: result.changes, refused: result.refused)
  }
}
