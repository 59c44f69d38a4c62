internal import GeneratorCore
internal import SystemCalls

/// Which of the two namespaces something is in.
enum Side: String, Sendable {
  /// The one that the stage was started in.
  case host
  /// The VPN's.
  case inside
}

/// Something a stage made and must take away again; see `KernelExecutor.undo`.
///
/// It is recorded before it is made; a link without its index, and again with it.
enum Creation: Equatable, Sendable {
  /// A name below /run/netns and the namespace bound there.
  case namespaceName(path: String, FileIdentity)
  case link(Side, name: String, index: UInt32?)
  /// A user-space WireGuard; `startTime` is field 22 of /proc/PID/stat, proc(5): a process number
  /// alone may be somebody else's by now.
  case process(UserspaceProcess)
  case directory(path: String)
  /// Ours as long as it begins with our mark.
  case file(path: String)
  /// A table of nftables on the host.
  case filterTable(String)
  /// `user` is the file that stands for this instance's use; see `InterfaceForwarding`.
  case forwarding(interface: String, user: String)
}

/// What a stage made, written down so that it can be undone without configuration or secret.
///
/// A file at `/run/namespaced-wireguard-vpn/NAME/STAGE`, a word and its values a line.
struct StateRecord: Equatable, Sendable {
  /// The largest that is read, in bytes: of a peer it says more than the file does, above all after
  /// a handshake, but not four times as much.
  static let sizeLimit = 1 << 26

  /// The namespace that `Side.inside` means; nil for the stage that makes it.
  var namespace: NamespaceReference?
  /// Services that run in the namespace of this record: the generator has to know them when the
  /// file that names them is broken or gone.
  var attachedUnits: [String] = []
  /// Likewise, what of the namespace is published on the host, each as in the file.
  var publications: [String] = []
  /// What cannot change while the stage is up.
  var settings: [FixedSetting] = []
  /// Of the wg stage.
  var upkeep = Upkeep()
  var creations: [Creation] = []

  /// The user-space WireGuard; nil when the kernel's serves.
  var process: UserspaceProcess? {
    for case .process(let process) in creations { return process }
    return nil
  }

  /// The namespace that the record names; nil when that is not yet done.
  var namedNamespace: NamespaceReference? {
    for case .namespaceName(let path, let identity) in creations {
      return NamespaceReference(path: path, identity: identity)
    }
    return nil
  }

  /// Notes that `creation` is about to be made, or takes the place of its earlier note.
  mutating func note(_ creation: Creation) {
    if let index = creations.firstIndex(where: { $0.isSameObject(as: creation) }) {
      creations[index] = creation
    } else {
      creations.append(creation)
    }
  }
}

/// A namespace by its name and identity: the name alone may be another's by now.
struct NamespaceReference: Equatable, Sendable {
  let path: String
  let identity: FileIdentity
}

extension Creation {
  var isLink: Bool {
    if case .link = self { true } else { false }
  }

  fileprivate func isSameObject(as other: Creation) -> Bool {
    switch (self, other) {
    case (.namespaceName(let path, _), .namespaceName(let otherPath, _)): path == otherPath
    case (.link(let side, let name, _), .link(let otherSide, let otherName, _)):
      side == otherSide && name == otherName
    case (.process(let process), .process(let other)): process.interfaceName == other.interfaceName
    default: self == other
    }
  }
}

// The file. Every value is a name of ours or a number: none has a blank, but for that of a setting.
extension StateRecord {
  var bytes: [UInt8] {
    var lines: [String] = []
    if let namespace { lines.append("within \(namespace.path) \(namespace.identity.words)") }
    lines += attachedUnits.map { "attach \($0)" }
    lines += publications.map { "publish \($0)" }
    lines += settings.map { "setting \($0.key) \($0.value)" }
    lines += upkeep.lines
    for creation in creations {
      switch creation {
      case .namespaceName(let path, let identity):
        lines.append("namespace \(path) \(identity.words)")
      case .link(let side, let name, let index):
        lines.append("link \(side.rawValue) \(name) \(index.map(String.init) ?? "-")")
      case .process(let process):
        lines.append("process \(process.interfaceName) \(process.identity.words)")
      case .directory(let path): lines.append("directory \(path)")
      case .file(let path): lines.append("file \(path)")
      case .filterTable(let name): lines.append("table \(name)")
      case .forwarding(let interface, let user): lines.append("forwarding \(interface) \(user)")
      }
    }
    var bytes: [UInt8] = []
    for line in lines {
      bytes += line.utf8
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }

  /// Reads what `bytes` gave; a line cut short by a crash of the machine is left out.
  init(parsing bytes: [UInt8]) {
    for line in RecordLine.lines(of: bytes) {
      let words = line.words
      switch (words.first, words.count) {
      case ("within", 4):
        namespace = FileIdentity(words: words[2...]).map {
          NamespaceReference(path: words[1], identity: $0)
        }
      case ("namespace", 3...):
        guard let identity = FileIdentity(words: words[2...]) else { continue }
        creations.append(.namespaceName(path: words[1], identity))
      case ("link", 4):
        guard let side = Side(rawValue: words[1]) else { continue }
        creations.append(.link(side, name: words[2], index: UInt32(words[3])))
      case ("process", 3...):
        guard let identity = ProcessIdentity(words: words[2...]) else { continue }
        creations.append(
          .process(UserspaceProcess(interfaceName: words[1], identity: identity)))
      case ("attach", 2): attachedUnits.append(words[1])
      case ("publish", 2): publications.append(words[1])
      case ("setting", 3...): settings.append(FixedSetting(words[1], line.tail))
      case ("directory", 2): creations.append(.directory(path: words[1]))
      case ("file", 2): creations.append(.file(path: words[1]))
      case ("table", 2): creations.append(.filterTable(words[1]))
      case ("forwarding", 3):
        creations.append(.forwarding(interface: words[1], user: words[2]))
      default: _ = upkeep.take(words)
      }
    }
  }
}

extension FileIdentity {
  fileprivate var words: String { "\(device) \(inode)" }

  fileprivate init?(words: ArraySlice<String>) {
    guard words.count == 2, let device = words.first.flatMap(UInt64.init),
      let inode = words.last.flatMap(UInt64.init)
    else { return nil }
    self.init(device: device, inode: inode)
  }
}

extension ProcessIdentity {
  fileprivate var words: String { "\(number) \(startTime)" }

  fileprivate init?(words: ArraySlice<String>) {
    guard words.count == 2, let number = words.first.flatMap(Int32.init),
      let startTime = words.last.flatMap(UInt64.init)
    else { return nil }
    self.init(number: number, startTime: startTime)
  }
}
