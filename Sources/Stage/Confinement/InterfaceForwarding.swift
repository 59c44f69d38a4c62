internal import SystemCalls

/// IPv4 forwarding of one of the host's interfaces, which several VPNs may need at once: the first
/// switches it on, the last puts back what was there before.
struct InterfaceForwarding {
  private let setting: String
  /// A file that stands for one VPN's use and holds the value from before the first.
  private let user: String
  private var users: String { parentDirectory(user) }

  init(_ interface: String, user: String) {
    setting = "/proc/sys/net/ipv4/conf/\(interface)/forwarding"
    self.user = user
  }

  /// Whether it was off before any VPN came; nil when there is no such interface.
  func wasOff() throws(SystemError) -> Bool? {
    guard let current = try readExisting(setting) else { return nil }
    for name in try directoryNames(users) {
      // An empty one is from a crash before anything was switched.
      guard let before = try readExisting("\(users)/\(name)")?.first else { continue }
      return before == UInt8(ascii: "0")
    }
    return current.first == UInt8(ascii: "0")
  }

  func take() throws(SystemError) {
    let lock = try lockDirectory(users)
    defer { withExtendedLifetime(lock) {} }
    guard let wasOff = try wasOff() else { return }
    try removeFile(user)
    try createFile(user, with: Array((wasOff ? "0" : "1").utf8), mode: 0o644)
    try overwriteFile(setting, with: "1")
  }

  func release() throws(SystemError) {
    let lock = try lockDirectory(users)
    defer { withExtendedLifetime(lock) {} }
    let isLast = try directoryNames(users).allSatisfy { "\(users)/\($0)" == user }
    // The setting first: without the file nobody would know any more what it was.
    if isLast, let previous = try readExisting(user), try fileStatus(setting) != nil {
      try overwriteFile(setting, with: String(decoding: previous, as: UTF8.self))
    }
    try removeFile(user)
    guard isLast else { return }
    try removeDirectoryIfEmpty(users)
    try removeDirectoryIfEmpty(parentDirectory(users))
  }
}
