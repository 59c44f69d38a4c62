internal import GeneratorCore
internal import SystemCalls

/// Performs a stage's operations under its `record`, which so far holds no creation: before each
/// thing is made it is recorded, and after a failure everything recorded is undone.
func bringUp(
  _ stage: StageName, of name: InstanceName, _ operations: [KernelOperation],
  under record: StateRecord, with executor: inout KernelExecutor,
  _ state: borrowing StateDirectory
) throws(StageError) {
  var record = record
  do throws(StageError) {
    try executor.perform(operations) { (creation) throws(StageError) in
      record.note(creation)
      try system(try state.write(record, of: stage))
    }
  } catch {
    try undoFailed(record, stage, name, state, after: error)
    throw error
  }
}

/// Undoes a half-done stage; when even that fails, the record stays for the next `down` or `up`.
private func undoFailed(
  _ record: StateRecord, _ stage: StageName, _ name: InstanceName,
  _ state: borrowing StateDirectory, after error: StageError
) throws(StageError) {
  do throws(StageError) { try record.undo(mark: linkMark(name.text)) } catch let second {
    throw StageError("\(error); and undoing it failed: \(second)")
  }
  try system(try state.remove(stage))
}

/// Undoes what the record of the stage names, the last first; returns whether there was one.
///
/// It needs no configuration, and does for `down` as well as for what a crash left before an `up`.
@discardableResult
func takeDown(
  _ stage: StageName, of name: InstanceName, _ state: borrowing StateDirectory
) throws(StageError) -> Bool {
  guard let record = try system(try state.read(stage)) else {
    // Killed while it wrote the first record, before anything was made.
    try system(try state.remove(stage))
    return false
  }
  try record.undo(mark: linkMark(name.text))
  try system(try state.remove(stage))
  return true
}

/// The namespace that the netns stage of the instance made.
func recordedNamespace(
  of name: InstanceName, _ state: borrowing StateDirectory
) throws(StageError) -> NamespaceReference {
  guard let namespace = try system(try state.read(.netns))?.namedNamespace else {
    throw StageError("the namespace is not up; start \(name.service(.netns)) first")
  }
  return namespace
}

/// Opens it, and makes sure that it still is the one that was recorded.
func openNamespace(_ reference: NamespaceReference) throws(StageError) -> NetworkNamespace {
  guard let namespace = try system(try NetworkNamespace.open(reference)) else {
    throw StageError(
      "'\(reference.path)' is not the namespace that was made for this VPN any more;"
        + " somebody deleted or replaced it")
  }
  return namespace
}

/// Fails when another's interface has the name; ours were undone before.
func refuseForeign(
  _ name: String, _ side: Side, _ executor: borrowing KernelExecutor, key: String
) throws(StageError) {
  guard try executor.link(name, side) != nil else { return }
  let place = side == .host ? "on the host" : "in the namespace"
  throw StageError(
    "there is an interface '\(name)' \(place) that is not ours; remove it, or choose another name"
      + " with \(key)=")
}
