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

  /// Opens `name` below this directory with openat(2); `O_CLOEXEC` is always added.
  package func openAt(
    _ name: String, _ flags: Int32, mode: mode_t = 0
  ) throws(SystemError) -> OwnedFileDescriptor {
    let descriptor = retryOnInterrupt {
      unsafe Glibc.openat(rawValue, name, flags | O_CLOEXEC, mode)
    }
    guard descriptor >= 0 else { throw SystemError("openat", name, errno: errno) }
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
  package func readAll(limit: Int, _ subject: String) throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16384)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        retryOnInterrupt { unsafe read(rawValue, buffer.baseAddress, buffer.count) }
      }
      guard count >= 0 else { throw SystemError("read", subject, errno: errno) }
      guard count > 0 else { return bytes }
      guard bytes.count + count <= limit else { throw SystemError("read", subject, errno: EFBIG) }
      bytes += chunk[..<count]
    }
  }
}

/// Repeats a system call that a signal interrupted; see signal(7).
package func retryOnInterrupt<Result: SignedInteger>(_ body: () -> Result) -> Result {
  while true {
    let result = body()
    guard result == -1, errno == EINTR else { return result }
  }
}
