internal import GeneratorCore
internal import SystemCalls

/// Where the resolver's files of an instance lie, and which of them are the user's.
struct ResolverOverlay {
  private static let parent = "/etc/netns"
  private static let stickyBit: UInt32 = 0o1000
  /// `/etc/netns/NAME`, which ip-netns(8) lays over /etc.
  let directory: String
  private let state: String
  private let heading: String
  /// How every file of ours begins that lies where users have theirs.
  static let mark = "# Written by \(packageName)"

  /// `namespace` is a name below /run/netns, `state` the instance's directory below /run.
  init(_ name: InstanceName, namespace: String, state: String) {
    directory = "\(Self.parent)/\(namespace)"
    self.state = state
    heading = "\(Self.mark) for the VPN \(name), and removed when that stops.\n"
  }

  /// What attached services have as /etc/resolv.conf.
  var resolvConf: String { "\(state)/resolver/resolv.conf" }

  /// Whether /etc/netns can be written, or made: /etc may be read-only.
  var isWritable: Bool {
    isWritablePath(directory) ?? isWritablePath(Self.parent) ?? isWritablePath("/etc") ?? false
  }

  /// What the user has put there; a file that begins with our mark is left from a crash.
  func read() throws(StageError) -> ResolverFiles.Overlay {
    ResolverFiles.Overlay(
      resolvConf: try readForeign("resolv.conf"),
      nameServiceSwitch: try readForeign("nsswitch.conf"))
  }

  /// Whether /etc/netns is missing, or was made by an instance of ours, which may go before this.
  ///
  /// The sticky bit says so, which means nothing in a directory that only root writes: unlike what
  /// other instances have recorded it is seen at a glance, and comes and goes with the directory.
  private func isParentOurs() throws(SystemError) -> Bool {
    guard let status = try fileStatus(Self.parent) else { return true }
    return status.permissions & Self.stickyBit != 0
  }

  /// Whether the directory is missing, or holds files of ours only.
  private var isOurs: Bool {
    get throws(StageError) {
      guard try system(try fileStatus(directory)) != nil else { return true }
      let names = try system(try directoryNames(directory))
      for name in names {
        // Others are not even looked into: they may be directories, or large.
        guard ["resolv.conf", "nsswitch.conf"].contains(name), try readForeign(name) == nil
        else { return false }
      }
      return !names.isEmpty
    }
  }

  private func readForeign(_ name: String) throws(StageError) -> String? {
    let path = "\(directory)/\(name)"
    guard let bytes = try system(try readExisting(path)) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.hasPrefix(Self.mark) ? nil : text
  }

  /// The operations that write the files: for attached units below /run, for `ip netns exec` into
  /// /etc/netns, as far as that can be written and the user has none there.
  func plan(
    _ files: ResolverFiles, beside user: ResolverFiles.Overlay
  ) throws(StageError) -> [KernelOperation] {
    let resolver = "\(state)/resolver"
    var wanted = [
      (resolvConf, files.resolvConf),
      // The name behind /etc/resolv.conf where systemd-resolved is the resolver.
      ("\(resolver)/stub-resolv.conf", files.resolvConf),
      ("\(state)/nsswitch.conf", files.nameServiceSwitch),
    ]
    var directories = [KernelOperation.makeDirectory(path: resolver)]
    if isWritable {
      // Only those that are not there, for only those are ours to remove; or are from a crash.
      let isOurs = try isOurs
      let isParentOurs = try system(try isParentOurs())
      // The second, too: an instance that goes may take the first away in between.
      let mode = 0o755 | (isParentOurs ? Self.stickyBit : 0)
      if isParentOurs { directories.append(.makeDirectory(path: Self.parent, mode: mode)) }
      if isOurs { directories.append(.makeDirectory(path: directory, mode: mode)) }
      if user.resolvConf == nil { wanted.append(("\(directory)/resolv.conf", files.resolvConf)) }
      if user.nameServiceSwitch == nil {
        wanted.append(("\(directory)/nsswitch.conf", files.nameServiceSwitch))
      }
    }
    return directories + wanted.map { .writeFile(path: $0.0, text: heading + $0.1) }
  }
}

extension [KernelOperation] {
  /// Of operations that write files, what is left to do where some are there already.
  ///
  /// A file that is there is changed in place: services that run have it bound, and a bind mount
  /// stays with the old one when another gets its name.
  func withoutWritten() throws(StageError) -> [KernelOperation] {
    var rest: [KernelOperation] = []
    for operation in self {
      switch operation {
      case .makeDirectory(let path, _):
        if try system(try fileStatus(path)) == nil { rest.append(operation) }
      case .writeFile(let path, let text):
        let bytes = try system(try readExisting(path))
        if let bytes, bytes.elementsEqual(text.utf8) { continue }
        rest.append(bytes == nil ? operation : .rewriteFile(path: path, text: text))
      default: rest.append(operation)
      }
    }
    return rest
  }
}

/// The file's bytes; nil when there is none.
func readExisting(_ path: String, limit: Int = 1 << 20) throws(SystemError) -> [UInt8]? {
  do throws(SystemError) { return try readFile(path, limit: limit) } catch {
    if error.isMissing { return nil }
    throw error
  }
}
