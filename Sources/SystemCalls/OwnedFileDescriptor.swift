package import Glibc

/// A file descriptor with one owner, closed when the owner goes.
package struct OwnedFileDescriptor: ~Copyable {
  package let rawValue: Int32

  /// Takes over `rawValue`, which nobody else may close from now on.
  package init(owning rawValue: Int32) {
    self.rawValue = rawValue
  }

  deinit {
    close(rawValue)
  }

  /// Opens `path` with open(2); `O_CLOEXEC` is always added.
  package static func open(
    _ path: String, _ flags: Int32, mode: mode_t = 0
  ) throws(SystemError) -> OwnedFileDescriptor {
    let descriptor = retryOnInterrupt { unsafe Glibc.open(path, flags | O_CLOEXEC, mode) }
    guard descriptor >= 0 else { throw SystemError("open", path, errno: errno) }
    return OwnedFileDescriptor(owning: descriptor)
  }

  /// Opens what may be anything: a FIFO dropped into a directory must not hold up the boot.
  package static func openForReading(
    _ path: String
  ) throws(SystemError) -> OwnedFileDescriptor {
    try open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK)
  }

  /// Opens a directory, for what is below it.
  package static func openDirectory(
    _ path: String
  ) throws(SystemError) -> OwnedFileDescriptor {
    try open(path, O_RDONLY | O_DIRECTORY)
  }

  /// Opens `name` below this directory with openat(2); `O_CLOEXEC` is always added.
  package func openAt(
    _ name: String, _ flags: Int32, mode: mode_t = 0
  ) throws(SystemError) -> OwnedFileDescriptor {
    let descriptor = retryOnInterrupt {
      unsafe Glibc.openat(rawValue, name, flags | O_CLOEXEC, mode)
    }
    guard descriptor >= 0 else { throw SystemError("open", name, errno: errno) }
    return OwnedFileDescriptor(owning: descriptor)
  }

  /// Closes and reports: a full disk can first be seen by close(2).
  package consuming func closeReporting(_ subject: String) throws(SystemError) {
    let descriptor = rawValue
    discard self
    guard close(descriptor) == 0 else { throw SystemError("close", subject, errno: errno) }
  }

  /// Writes all of `bytes`; `subject` names the file in an error.
  package func writeAll(_ bytes: [UInt8], _ subject: String) throws(SystemError) {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        retryOnInterrupt {
          unsafe write(
            rawValue, buffer.baseAddress?.advanced(by: written), buffer.count - written)
        }
      }
      guard count >= 0 else { throw SystemError("write", subject, errno: errno) }
      written += count
    }
  }

  /// Reads to the end, at most `limit` bytes; more is `EFBIG`.
  ///
  /// `size`, of a regular file, is how much is expected: one read(2) tells that there is no more.
  package func readAll(
    limit: Int, _ subject: String, size: Int? = nil
  ) throws(SystemError) -> [UInt8] {
    var bytes = try readChunk(size.map { min($0, limit) + 1 } ?? 16384, subject)
    while true {
      guard bytes.count <= limit else { throw SystemError("read", subject, errno: EFBIG) }
      if bytes.isEmpty || bytes.count == size { return bytes }
      let more = try readChunk(16384, subject)
      if more.isEmpty { return bytes }
      bytes += more
    }
  }

  /// At most `count` bytes; none at the end.
  private func readChunk(_ count: Int, _ subject: String) throws(SystemError) -> [UInt8] {
    var result = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      result = retryOnInterrupt { unsafe read(rawValue, buffer.baseAddress, buffer.count) }
      initialized = max(result, 0)
    }
    guard result >= 0 else { throw SystemError("read", subject, errno: errno) }
    return bytes
  }
}

/// Repeats a system call that a signal interrupted; see signal(7).
package func retryOnInterrupt<Result: SignedInteger>(_ body: () -> Result) -> Result {
  while true {
    let result = body()
    guard result == -1, errno == EINTR else { return result }
  }
}
