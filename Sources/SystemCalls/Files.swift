package import Glibc

/// What stat(2) says about a path.
package struct FileStatus {
  package enum Kind: Equatable { case regular, directory, link, characterDevice, other }

  package let kind: Kind
  package let identity: FileIdentity
  /// Permission bits only, as in `0o600`.
  package let permissions: UInt32
  package let owner: UInt32
  /// Bytes.
  package let size: Int

  init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      case S_IFLNK: .link
      case S_IFCHR: .characterDevice
      default: .other
      }
    identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    permissions = status.st_mode & 0o7777
    owner = status.st_uid
    size = Int(status.st_size)
  }
}

/// Device and inode: two paths with the same pair are the same file (or namespace, nsfs(5)).
package struct FileIdentity: Equatable, Sendable {
  package let device: UInt64
  package let inode: UInt64

  package init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }
}

/// stat(2), following links; nil when the path does not exist.
package func fileStatus(_ path: String) throws(SystemError) -> FileStatus? {
  var status = stat()
  guard unsafe stat(path, &status) == 0 else {
    guard errno == ENOENT else { throw SystemError("stat", path, errno: errno) }
    return nil
  }
  return FileStatus(status)
}

/// lstat(2), a link itself; nil when the path does not exist.
package func linkStatus(_ path: String) throws(SystemError) -> FileStatus? {
  var status = stat()
  guard unsafe lstat(path, &status) == 0 else {
    guard errno == ENOENT else { throw SystemError("lstat", path, errno: errno) }
    return nil
  }
  return FileStatus(status)
}

extension OwnedFileDescriptor {
  /// fstat(2).
  package func status(_ subject: String) throws(SystemError) -> FileStatus {
    var status = stat()
    guard unsafe fstat(rawValue, &status) == 0 else {
      throw SystemError("fstat", subject, errno: errno)
    }
    return FileStatus(status)
  }
}

/// The user whose rights this process has, geteuid(2); none of our programs changes it.
package let effectiveUser: UInt32 = geteuid()

/// Whether this process may write to the path, access(2); nil when it does not exist.
package func isWritablePath(_ path: String) -> Bool? {
  if unsafe access(path, W_OK) == 0 { return true }
  return errno == ENOENT ? nil : false
}

/// The bytes of a file, at most `limit`; more is `EFBIG`, a directory `EISDIR`.
package func readFile(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
  try OwnedFileDescriptor.openForReading(path).readAll(limit: limit, path)
}

/// A name in a directory.
package struct DirectoryEntry {
  package let name: String
  /// False, too, where the file system does not say, readdir(3).
  package let isRegularFile: Bool
}

/// Names in a directory, sorted by byte; empty when it does not exist.
package func directoryNames(_ path: String) throws(SystemError) -> [String] {
  try directoryEntries(path).map(\.name)
}

/// Likewise, and what they are.
package func directoryEntries(_ path: String) throws(SystemError) -> [DirectoryEntry] {
  guard let directory = unsafe opendir(path) else {
    guard errno == ENOENT else { throw SystemError("opendir", path, errno: errno) }
    return []
  }
  defer { unsafe closedir(directory) }
  var entries: [DirectoryEntry] = []
  errno = 0
  while let entry = unsafe readdir(directory) {
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    guard name != "." && name != ".." else { continue }
    entries.append(
      DirectoryEntry(name: name, isRegularFile: unsafe Int(entry.pointee.d_type) == DT_REG))
  }
  guard errno == 0 else { throw SystemError("readdir", path, errno: errno) }
  return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
}

/// What stands before the last slash; the path itself when there is none.
package func parentDirectory(_ path: String) -> String {
  String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
}

/// mkdir(2) for the path and each missing parent; an existing directory is fine.
package func makeDirectories(_ path: String, mode: mode_t) throws(SystemError) {
  if unsafe mkdir(path, mode) == 0 || errno == EEXIST { return }
  guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
    throw SystemError("mkdir", path, errno: errno)
  }
  try makeDirectories(String(path[..<slash]), mode: mode)
  guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else {
    throw SystemError("mkdir", path, errno: errno)
  }
}

/// Replaces `path` by rename(2): a reader sees the old bytes or the new, never half.
package func replaceFile(_ path: String, with bytes: [UInt8], mode: mode_t) throws(SystemError) {
  let temporary = path + ".new"
  let file = try OwnedFileDescriptor.open(
    temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: mode)
  try file.writeAll(bytes, temporary)
  try file.closeReporting(temporary)
  guard unsafe rename(temporary, path) == 0 else {
    throw SystemError("rename", path, errno: errno)
  }
}

/// Overwrites an existing file in place, as sysctl(8) does below `/proc/sys`.
package func overwriteFile(_ path: String, with text: String) throws(SystemError) {
  let file = try OwnedFileDescriptor.open(path, O_WRONLY)
  try file.writeAll(Array(text.utf8), path)
}

/// Gives an existing file other contents in place, for readers that hold the file and not its name,
/// as a bind mount does.
///
/// One write(2), filled up with newlines to the old size: nobody reads an empty file or an old end.
package func rewriteFile(_ path: String, with bytes: [UInt8]) throws(SystemError) {
  let file = try OwnedFileDescriptor.open(path, O_WRONLY | O_NOFOLLOW)
  let size = try file.status(path).size
  let filling = [UInt8](repeating: UInt8(ascii: "\n"), count: max(size - bytes.count, 0))
  try file.writeAll(bytes + filling, path)
  guard filling.isEmpty || ftruncate(file.rawValue, off_t(bytes.count)) == 0 else {
    throw SystemError("ftruncate", path, errno: errno)
  }
  try file.closeReporting(path)
}

/// unlink(2); a file that does not exist is fine.
package func removeFile(_ path: String) throws(SystemError) {
  guard unsafe unlink(path) == 0 || errno == ENOENT else {
    throw SystemError("unlink", path, errno: errno)
  }
}

/// rmdir(2) when empty; one that does not exist or is in use is fine.
package func removeDirectoryIfEmpty(_ path: String) throws(SystemError) {
  guard unsafe rmdir(path) == 0 || errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST else {
    throw SystemError("rmdir", path, errno: errno)
  }
}

/// symlink(2).
package func makeSymbolicLink(_ path: String, to target: String) throws(SystemError) {
  guard unsafe symlink(target, path) == 0 else {
    throw SystemError("symlink", path, errno: errno)
  }
}

/// Where a symbolic link points, readlink(2), as written in it.
package func symbolicLinkTarget(_ path: String) throws(SystemError) -> String {
  var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
  let count = unsafe readlink(path, &buffer, buffer.count)
  guard count >= 0 else { throw SystemError("readlink", path, errno: errno) }
  return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// A variable of the environment, getenv(3); nil when unset.
package func environmentVariable(_ name: String) -> String? {
  unsafe getenv(name).map { unsafe String(cString: $0) }
}

/// Creates `path`, which must not exist (`EEXIST`); takes it away again when writing fails.
package func createFile(_ path: String, with bytes: [UInt8], mode: mode_t) throws(SystemError) {
  try fillFile(
    try OwnedFileDescriptor.open(path, creating, mode: mode), path, with: bytes,
    orElse: { unsafe unlink(path) })
}

extension OwnedFileDescriptor {
  /// Likewise `name` below this directory, which the kernel need not look up again.
  package func createFileAt(
    _ name: String, with bytes: [UInt8], mode: mode_t
  ) throws(SystemError) {
    try fillFile(
      try openAt(name, creating, mode: mode), name, with: bytes,
      orElse: { unsafe unlinkat(rawValue, name, 0) })
  }

  /// mkdirat(2); an existing directory is fine.
  package func makeDirectoryAt(_ name: String, mode: mode_t) throws(SystemError) {
    guard unsafe mkdirat(rawValue, name, mode) == 0 || errno == EEXIST else {
      throw SystemError("mkdir", name, errno: errno)
    }
  }

  /// symlinkat(2).
  package func makeSymbolicLinkAt(_ name: String, to target: String) throws(SystemError) {
    guard unsafe symlinkat(target, rawValue, name) == 0 else {
      throw SystemError("symlink", name, errno: errno)
    }
  }
}

private let creating = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW

private func fillFile(
  _ file: consuming OwnedFileDescriptor, _ subject: String, with bytes: [UInt8],
  orElse remove: () -> Int32
) throws(SystemError) {
  do throws(SystemError) {
    try file.writeAll(bytes, subject)
    try file.closeReporting(subject)
  } catch {
    _ = remove()
    throw error
  }
}
