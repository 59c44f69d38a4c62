internal import CLinux
internal import GeneratorCore
internal import Glibc
internal import SystemCalls

/// The run-time state of one instance, locked: no two stages of one instance work at once.
struct StateDirectory: ~Copyable {
  let path: String
  private let lock: OwnedFileDescriptor

  /// Makes the directory when it is missing, and waits for its lock.
  init(_ name: InstanceName, root: String) throws(SystemError) {
    path = "\(root)/\(name)"
    lock = try lockDirectory(path)
  }

  /// Runs `body` with the directory locked.
  ///
  /// When it fails, the directory goes if nothing is recorded there; a `body` that takes the last
  /// record away removes it itself, and no other fails for it.
  static func with<Result: ~Copyable>(
    _ name: InstanceName, root: String,
    _ body: (borrowing StateDirectory) throws(StageError) -> Result
  ) throws(StageError) -> Result {
    let state = try system(try StateDirectory(name, root: root))
    do throws(StageError) { return try body(state) } catch {
      try? system(try state.removeIfEmpty())
      throw error
    }
  }

  /// To look at what is recorded while others may work; throws `ENOENT` when nothing is.
  init(reading name: InstanceName, root: String) throws(SystemError) {
    path = "\(root)/\(name)"
    lock = try OwnedFileDescriptor.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  }

  /// A path beside those of all instances.
  func sibling(_ name: String) -> String {
    "\(parentDirectory(path))/\(name)"
  }

  private func file(_ stage: StageName) -> String { "\(path)/\(stage.rawValue)" }

  /// What a stage recorded; nil when it made nothing.
  func read(_ stage: StageName) throws(SystemError) -> StateRecord? {
    do throws(SystemError) {
      let bytes = try readFile(file(stage), limit: StateRecord.sizeLimit)
      return StateRecord(parsing: bytes)
    } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  func write(_ record: StateRecord, of stage: StageName) throws(SystemError) {
    try replaceFile(file(stage), with: record.bytes, mode: 0o644)
  }

  func remove(_ stage: StageName) throws(SystemError) {
    try removeFile(file(stage) + ".new")
    try removeFile(file(stage))
  }

  /// Removes the directory when no stage has a record any more.
  func removeIfEmpty() throws(SystemError) {
    try removeDirectoryIfEmpty(path)
  }
}

/// Makes the directory when it is missing, and locks it, flock(2), until the descriptor goes.
///
/// A lock file beside what it guards would have to stay behind for ever.
func lockDirectory(_ path: String) throws(SystemError) -> OwnedFileDescriptor {
  while true {
    do throws(SystemError) {
      try makeDirectories(path, mode: 0o755)
      let directory = try OwnedFileDescriptor.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      guard retryOnInterrupt({ flock(directory.rawValue, LOCK_EX) }) == 0 else {
        throw SystemError("flock", path, errno: errno)
      }
      // Whoever had the lock may have removed the directory; then another is there by now. It may
      // go, or its parent, at any moment before.
      let identity = try directory.status(path).identity
      if try fileStatus(path)?.identity == identity { return directory }
    } catch {
      guard error.isMissing else { throw error }
    }
  }
}
