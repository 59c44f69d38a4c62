internal import SystemCalls

extension StateRecord {
  /// Takes back everything recorded, the last first.
  ///
  /// What cannot be taken back does not keep the rest from it; the first reason is thrown.
  func undo(mark: String) throws(StageError) {
    guard creations.contains(where: \.isLink) else {
      return try undoEach { (creation) throws(StageError) in
        try undoOutsideNamespaces(creation)
      }
    }
    let executor = try openExecutor()
    try undoEach { (creation) throws(StageError) in try executor.undo(creation, mark: mark) }
  }

  private func undoEach(
    _ body: (Creation) throws(StageError) -> Void
  ) throws(StageError) {
    var failure: StageError?
    for creation in creations.reversed() {
      do throws(StageError) { try body(creation) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  private func openExecutor() throws(StageError) -> KernelExecutor {
    if let namespace, let open = try system(try NetworkNamespace.open(namespace)) {
      return try KernelExecutor(namespace: open)
    }
    // With the namespace everything in it went; the host's end of a pair can stay for a moment.
    let current = try system(try NetworkNamespace.current())
    return try KernelExecutor(namespace: current, hasInside: false)
  }
}
