import Foundation
import Glibc
import SystemCalls
import Testing

/// Each test has a directory of its own.
@Suite final class FilesTests {
  private let directory: String

  init() throws {
    directory =
      FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
      + "/nswg-test-\(UUID().uuidString)"
    try makeDirectories(directory, mode: 0o755)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// The errno with which `body` failed, or nil.
  private func failure(_ body: () throws(SystemError) -> Void) -> Int32? {
    do throws(SystemError) {
      try body()
      return nil
    } catch { return error.number }
  }

  @Test func createFileWritesAllWithItsMode() throws {
    let bytes = [UInt8](repeating: 7, count: 300_000)
    try createFile("\(directory)/a", with: bytes, mode: 0o600)
    #expect(try readFile("\(directory)/a", limit: bytes.count) == bytes)
    let status = try #require(try fileStatus("\(directory)/a"))
    #expect(status.kind == .regular && status.permissions == 0o600 && status.size == bytes.count)
  }

  @Test func createFileKeepsWhatIsThere() throws {
    let path = "\(directory)/a"
    try createFile(path, with: [1], mode: 0o600)
    #expect(
      failure { () throws(SystemError) in try createFile(path, with: [2], mode: 0o600) } == EEXIST)
    #expect(try readFile(path, limit: 9) == [1])
    // Nor does it follow a link to write elsewhere.
    try makeSymbolicLink("\(directory)/link", to: "target")
    let link = "\(directory)/link"
    #expect(
      failure { () throws(SystemError) in try createFile(link, with: [2], mode: 0o600) } == EEXIST)
    #expect(try linkStatus("\(directory)/target") == nil)
  }

  @Test func createFileLeavesNoHalf() throws {
    // Nothing fits into /dev/full, and unlink(2) there must not happen: so a directory is used.
    let missing = "\(directory)/none/a"
    #expect(
      failure { () throws(SystemError) in try createFile(missing, with: [1], mode: 0o600) }
        == ENOENT)
    #expect(try directoryNames(directory) == [])
  }

  @Test func replaceFileReplaces() throws {
    let path = "\(directory)/a"
    try replaceFile(path, with: [1], mode: 0o600)
    let before = try #require(try fileStatus(path)).identity
    try replaceFile(path, with: [2, 3], mode: 0o640)
    #expect(try readFile(path, limit: 9) == [2, 3])
    // A new file took the name: whoever has the old one open sees the old bytes.
    #expect(try fileStatus(path)?.identity != before)
    #expect(try directoryNames(directory) == ["a"])
  }

  @Test func replaceFileFollowsNoLink() throws {
    try createFile("\(directory)/target", with: [1], mode: 0o600)
    try makeSymbolicLink("\(directory)/a.new", to: "target")
    let path = "\(directory)/a"
    #expect(
      failure { () throws(SystemError) in try replaceFile(path, with: [2], mode: 0o600) } == ELOOP)
    #expect(try readFile("\(directory)/target", limit: 9) == [1])
  }

  @Test(arguments: [0, 1, 16383, 16384, 16385, 40000])
  func readFileHasALimit(_ count: Int) throws {
    let path = "\(directory)/a"
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    try createFile(path, with: bytes, mode: 0o600)
    #expect(try readFile(path, limit: count) == bytes)
    guard count > 0 else { return }
    let error = #expect(throws: SystemError.self) { try readFile(path, limit: count - 1) }
    #expect(error?.isTooLarge == true)
  }

  @Test func readFileSaysWhatIsWrong() throws {
    let path = directory
    #expect(
      failure { () throws(SystemError) in _ = try readFile(path, limit: 1) } == EISDIR)
    let error = #expect(throws: SystemError.self) { try readFile("\(path)/none", limit: 1) }
    #expect(
      error?.description == "open '\(path)/none': No such file or directory (ENOENT)"
        && error?.isMissing == true)
  }

  @Test func directoryNamesAreSortedByByte() throws {
    for name in ["b", "a", "B", "ä", ".hidden", "a.b", "a-b", "10", "9"] {
      try createFile("\(directory)/\(name)", with: [], mode: 0o600)
    }
    #expect(
      try directoryNames(directory) == [".hidden", "10", "9", "B", "a", "a-b", "a.b", "b", "ä"])
    #expect(try directoryNames("\(directory)/none") == [])
    let path = "\(directory)/a"
    #expect(failure { () throws(SystemError) in _ = try directoryNames(path) } == ENOTDIR)
  }

  @Test func makeDirectoriesMakesParents() throws {
    try makeDirectories("\(directory)/a/b/c", mode: 0o755)
    try makeDirectories("\(directory)/a/b/c", mode: 0o755)
    #expect(try fileStatus("\(directory)/a/b/c")?.kind == .directory)
    try createFile("\(directory)/file", with: [], mode: 0o600)
    let below = "\(directory)/file/x"
    #expect(
      failure { () throws(SystemError) in try makeDirectories(below, mode: 0o755) } == ENOTDIR)
  }

  @Test func statusOfLinks() throws {
    try makeSymbolicLink("\(directory)/dangling", to: "no where")
    #expect(try linkStatus("\(directory)/dangling")?.kind == .link)
    #expect(try fileStatus("\(directory)/dangling") == nil)
    #expect(try symbolicLinkTarget("\(directory)/dangling") == "no where")
    #expect(try linkStatus("\(directory)/none") == nil)
    #expect(try fileStatus("/dev/null")?.kind == .characterDevice)
  }

  /// Somebody who holds the file, and not its name, sees the new contents and no old end.
  @Test(arguments: ["longer than before", "short", "", "as long"])
  func rewritingKeepsTheFile(text: String) throws {
    let path = "\(directory)/file"
    try createFile(path, with: Array("as long".utf8), mode: 0o640)
    let held = try OwnedFileDescriptor.open(path, O_RDONLY)
    try rewriteFile(path, with: Array(text.utf8))
    #expect(try held.readAll(limit: 100, path) == Array(text.utf8))
    #expect(try fileStatus(path)?.permissions == 0o640)
    let none = "\(directory)/none"
    #expect(failure { () throws(SystemError) in try rewriteFile(none, with: []) } == ENOENT)
  }

  @Test func removingWhatIsNotThereIsFine() throws {
    try removeFile("\(directory)/none")
    try removeDirectoryIfEmpty("\(directory)/none")
    try makeDirectories("\(directory)/a/b", mode: 0o755)
    try removeDirectoryIfEmpty("\(directory)/a")
    #expect(try fileStatus("\(directory)/a/b") != nil)
    try removeDirectoryIfEmpty("\(directory)/a/b")
    #expect(try directoryNames("\(directory)/a") == [])
  }

  @Test func errorsInWords() {
    #expect(
      SystemError("bind", "", errno: EACCES).description == "bind: Permission denied (EACCES)")
    #expect(errorText(99999) == "error 99999")
  }
}
