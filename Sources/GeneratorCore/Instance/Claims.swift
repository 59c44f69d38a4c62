internal import SystemCalls

/// What an instance has that no other can have.
struct Claims {
  let namespace: Claim
  /// Nil without a tunnel.
  let hostInterface: Claim?
  /// Nil for a port that the kernel chooses.
  let listenPort: Claim?
  /// Nil for a key that is not in the file.
  let privateKey: (key: WireGuardKey, claim: Claim)?
  /// The addresses and ports on the host.
  let publications: [Claim]
  /// Interfaces of the host with a port and a protocol.
  let forwardedPorts: [Claim]
  /// Of a network that the file leaves to its default there is none.
  let tunnelNetworks: [(prefix: IPPrefix, claim: Claim)]

  init(of instance: Instance, _ config: Config) {
    let path = instance.path
    namespace = Claim(
      instance.namespaceName, config.namespaceName, default: config.label(.namespace("Name")), path)
    hostInterface = instance.tunnel.map { tunnel in
      Claim(
        tunnel.hostInterface, config.tunnelHostName,
        default: config.label(.tunnel("HostInterface")), path)
    }
    listenPort = config.listenPort.flatMap { port in
      port.value == 0 ? nil : Claim(String(port.value), port)
    }
    privateKey = config.privateKey.map { ($0.value, Claim("", $0)) }
    publications = (config.publications?.value ?? []).map { item in
      Claim(item.value.listen.description, item)
    }
    forwardedPorts = (config.portForwards?.value ?? []).map { item in
      Claim(item.value.arrival, item)
    }
    tunnelNetworks =
      instance.tunnel?.addresses == nil
      ? []
      : (config.tunnelHostAddresses?.value ?? []).map { item in
        (item.value, Claim(item.value.description, item))
      }
  }
}

/// One of them, and where the file says so.
struct Claim {
  /// For messages; empty for a secret.
  let value: String
  /// `KEY=`, and its section when the file does not have it.
  let key: String
  /// The whole file for a default.
  let location: SourceLocation

  init<Value>(_ value: String, _ field: Located<Value>) {
    self.value = value
    key = "\(field.key)="
    location = field.location
  }

  /// `label` and `path` are for a key that the file leaves out.
  init<Value>(_ value: String, _ field: Located<Value>?, default label: String, _ path: String) {
    self.value = value
    key = field.map { "\($0.key)=" } ?? label
    location = field?.location ?? SourceLocation(path)
  }

  private var isDefault: Bool { location.line == 0 }

  /// How the message about another file names this one.
  var place: String { isDefault ? "\(location.inText) (its default)" : location.inText }

  /// `KEY=: 'value' TEXT`.
  func refusal(_ text: String) -> Diagnostic {
    Diagnostic(
      .error, location, "\(key): \(isDefault ? "the default " : "")\(quoted(value)) \(text)")
  }
}
