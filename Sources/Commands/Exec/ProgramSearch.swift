internal import Glibc
internal import SystemCalls

/// Finds programs as a shell does; systemd wants a path.
enum ProgramSearch {
  /// The path of a program by its name in PATH=, or of one that is named with a slash.
  static func find(_ name: String) throws(CommandFailure) -> String {
    guard !name.contains("/") else {
      let path = name.hasPrefix("/") ? name : "\(currentDirectory())/\(name)"
      guard isRunnable(path) else {
        throw CommandFailure("'\(name)' is not a program that can be run", status: .notFound)
      }
      return path
    }
    let standard = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    for directory in (environmentVariable("PATH") ?? standard).split(separator: ":") {
      let path = "\(directory)/\(name)"
      if path.hasPrefix("/"), isRunnable(path) { return path }
    }
    throw CommandFailure("there is no program '\(name)' in PATH=", status: .notFound)
  }

  private static func isRunnable(_ path: String) -> Bool {
    guard ((try? fileStatus(path)) ?? nil)?.kind == .regular else { return false }
    return unsafe access(path, X_OK) == 0
  }

  /// getcwd(3); `/` when it is gone.
  static func currentDirectory() -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard unsafe getcwd(&buffer, buffer.count) != nil else { return "/" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Whether there is a user of that name, or it is a number.
  static func isUser(_ name: String) -> Bool {
    guard UInt32(name) == nil else { return true }
    return unsafe getpwnam(name) != nil
  }

  /// The caller's name, or number when it has none.
  static func currentUser() -> String {
    let number = getuid()
    guard let entry = unsafe getpwuid(number) else { return String(number) }
    return unsafe String(cString: entry.pointee.pw_name)
  }
}
