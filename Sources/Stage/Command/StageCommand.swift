package import GeneratorCore
package import SystemCalls

/// The command line of nswg-stage(8).
package enum StageCommand: Equatable {
  /// `subnet` is the /30 that the generator assigned to a tunnel without addresses of its own.
  case up(StageName, InstanceName, subnet: IPPrefix?)
  case down(StageName, InstanceName)
  /// Gives a running instance what its file says now.
  case reload(InstanceName)
  /// Waits for a handshake.
  case online(InstanceName)
  /// Resolves the endpoint that is asked for on standard input.
  case resolve
  /// Looks for peers whose handshakes have ended.
  case endpoint(InstanceName)
  /// Fails with the given messages: the instance's file has a fault.
  case refuse(InstanceName, [String])
  /// Fails and names the file to create: systemd knows no unit of this instance.
  case missing(InstanceName)
  /// Fails unless this process is inside the namespace: the guard of attached services.
  case assert(InstanceName)
  /// Measures how large a packet goes through the tunnel; nil to ask the file's name server.
  case mtu(InstanceName, IPAddress?)
  /// Says what is wrong with files, wherever they are.
  case check([String])

  package static let usage = """
    usage: nswg-stage netns|wg|tunnel up|down NAME [--subnet ADDRESS/30]
           nswg-stage wg reload NAME
           nswg-stage online NAME
           nswg-stage endpoint NAME
           nswg-stage resolve
           nswg-stage mtu NAME [ADDRESS]
           nswg-stage refuse NAME MESSAGE...
           nswg-stage missing NAME
           nswg-stage assert NAME
           nswg-stage check FILE...

    """

  /// Reads the arguments without the program's name; nil when they are wrong.
  package init?(_ arguments: [String]) {
    guard let verb = arguments.first else { return nil }
    let rest = Array(arguments.dropFirst())
    switch verb {
    case "check":
      guard !rest.isEmpty, !rest.contains(where: { $0.hasPrefix("-") }) else { return nil }
      self = .check(rest)
    case "mtu":
      guard (1...2).contains(rest.count), let name = Self.instance(rest[0]) else { return nil }
      let address = rest.dropFirst().first.map { IPAddress($0) }
      if case .some(nil) = address { return nil }
      self = .mtu(name, address ?? nil)
    case "refuse":
      guard rest.count >= 2, let name = Self.instance(rest[0]) else { return nil }
      self = .refuse(name, Array(rest.dropFirst()))
    case "resolve":
      guard rest.isEmpty else { return nil }
      self = .resolve
    case "missing", "assert", "online", "endpoint":
      guard rest.count == 1, let name = Self.instance(rest[0]) else { return nil }
      switch verb {
      case "missing": self = .missing(name)
      case "assert": self = .assert(name)
      case "online": self = .online(name)
      default: self = .endpoint(name)
      }
    default:
      guard let stage = StageName(rawValue: verb), rest.count >= 2,
        let name = Self.instance(rest[1])
      else { return nil }
      self.init(stage, rest[0], name, options: rest.dropFirst(2))
    }
  }

  private init?(
    _ stage: StageName, _ verb: String, _ name: InstanceName, options: ArraySlice<String>
  ) {
    switch (verb, options.count) {
    case ("down", 0): self = .down(stage, name)
    case ("reload", 0) where stage == .wg: self = .reload(name)
    case ("up", 0): self = .up(stage, name, subnet: nil)
    case ("up", 2) where stage == .tunnel && options.first == "--subnet":
      guard let subnet = options.last.flatMap(Self.subnet) else { return nil }
      self = .up(stage, name, subnet: subnet)
    default: return nil
    }
  }

  private static func instance(_ text: String) -> InstanceName? {
    text == InstanceName.single.text ? .single : InstanceName(text)
  }

  private static func subnet(_ text: String) -> IPPrefix? {
    let parts = text.split(separator: "/")
    guard parts.count == 2, let address = IPAddress(parts[0]), let length = Int(parts[1]) else {
      return nil
    }
    return IPPrefix(address, length: length)
  }

  /// The instance that the command is about; nil when it is about files.
  package var instance: InstanceName? {
    switch self {
    case .up(_, let name, _), .down(_, let name), .reload(let name), .refuse(let name, _),
      .missing(let name), .assert(let name), .online(let name), .endpoint(let name),
      .mtu(let name, _):
      name
    case .check, .resolve: nil
    }
  }
}
