package import SystemCalls

/// A value and where it was written, so that a later check can point at it.
package struct Located<Value: Sendable>: Sendable {
  package internal(set) var value: Value
  package let key: String
  package let location: SourceLocation
}

/// The items of a list, each with its own place; the list's is that of the first assignment.
package typealias LocatedList<Item: Sendable> = Located<[Located<Item>]>

/// The two kinds of file.
package enum ConfigForm: Sendable {
  /// `KEY=value`, as the original's and systemd's EnvironmentFile=.
  case environment
  /// `[Interface]` and `[Peer]`, as wg-quick(8) has it.
  case provider
}

/// What one file said, key by key, and nothing more: no default, no check across keys.
package struct Config: Sendable {
  package let form: ConfigForm
  package var namespaceName: Located<String>?
  package var interfaceName: Located<String>?
  package var privateKey: Located<WireGuardKey>?
  package var privateKeyFile: Located<String>?
  package var privateKeyCredential: Located<String>?
  /// Bytes; a nil value is `auto`.
  package var mtu: Located<Int?>?
  package var mtuProbe: Located<MTUProbeTarget>?
  package var addresses: LocatedList<IPPrefix>?
  package var dns: LocatedList<DNSEntry>?
  /// 0 lets the kernel choose.
  package var listenPort: Located<UInt16>?
  package var fwMark: Located<UInt32>?
  package var routeTable: Located<RouteTable>?
  package var userspaceProgram: Located<String>?
  /// Seconds.
  package var onlineTimeout: Located<Int>?
  package var healthCheck: Located<Bool>?
  package var tunnelEnable: Located<Bool>?
  package var tunnelHostName: Located<String>?
  package var tunnelHostAddresses: LocatedList<IPPrefix>?
  package var tunnelNamespaceName: Located<String>?
  package var tunnelNamespaceAddresses: LocatedList<IPPrefix>?
  package var portForwards: LocatedList<PortForward>?
  package var autostart: Located<Bool>?
  package var attachedUnits: LocatedList<AttachedUnit>?
  package var attachDBus: Located<Bool>?
  package var publications: LocatedList<Publication>?
  package var peers: [PeerConfig] = []

  package init(form: ConfigForm) {
    self.form = form
  }

  /// How messages name a key that the file does not have.
  func label(_ key: ProviderKey) -> String {
    ConfigKey.all.first { $0.providerKey == key }?.label(in: form) ?? key.name
  }

  /// The peer that is being read: an environment file has one, a provider's file one a section.
  var peer: PeerConfig {
    get { peers.last ?? PeerConfig() }
    // In place: a peer can have thousands of networks, in as many lines.
    _modify {
      if peers.isEmpty { peers.append(PeerConfig()) }
      yield &peers[peers.count - 1]
    }
  }
}

/// What was said about one peer.
package struct PeerConfig: Sendable {
  /// Of the section's header; nil in an environment file.
  package var location: SourceLocation?
  package var endpoint: Located<Endpoint>?
  package var publicKey: Located<WireGuardKey>?
  /// A nil value is the file's `-`.
  package var presharedKey: Located<WireGuardKey?>?
  /// As written, host bits and all.
  package var allowedIPs: LocatedList<IPPrefix>?
  /// Seconds; 0 is off.
  package var persistentKeepalive: Located<UInt16>?
  /// Keys that are there but whose value was refused.
  var refusedKeys: [ProviderKey] = []
}

/// One item of a DNS list: wg-quick(8) takes both kinds in one key.
package enum DNSEntry: Equatable, Sendable {
  case server(IPAddress)
  case searchDomain(String)
}

/// Whom to ask for echoes at `up`, to find the MTU.
package enum MTUProbeTarget: Equatable, Sendable {
  case off
  /// The first name server of the file.
  case nameServer
  case address(IPAddress)
}

/// Which routing table the routes of AllowedIPs go to; `Table` of wg-quick(8).
package enum RouteTable: Equatable, Sendable {
  /// The namespace's main table.
  case automatic
  /// No routes.
  case off
  case number(UInt32)
}
