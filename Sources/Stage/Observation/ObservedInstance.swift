package import GeneratorCore
package import SystemCalls

/// What is there of an instance now, as far as the caller may see it.
///
/// Read from the records in /run and from the kernel; nothing is changed, and no lock is taken.
/// Secrets are not in it.
package struct ObservedInstance: Equatable, Sendable {
  /// The stages that have a record: what they made is to be taken away by their units.
  package var stages: [StageName] = []
  /// Nil when the netns stage has recorded none.
  package var namespace: Namespace?
  package var wireGuard: WireGuard?
  package var tunnel: Tunnel?
  /// Every interface inside but lo; nil when they could not be read.
  package var insideLinks: [String]?
  /// The routes inside, but for the kernel's own of local addresses.
  package var routes: [Route] = []
  /// Whom a service inside asks for names.
  package var nameServers: [IPAddress] = []
  /// The services and sockets that the file named when it came up.
  package var attachedUnits: [String] = []
  /// What could not be read, and why, each a sentence without its end.
  package var unread: [String] = []

  package init() {}

  /// As it was recorded.
  package struct Namespace: Equatable, Sendable {
    package let path: String
    package let identity: FileIdentity
    /// Whether the path still leads to it.
    package let isThere: Bool

    package init(path: String, identity: FileIdentity, isThere: Bool) {
      self.path = path
      self.identity = identity
      self.isThere = isThere
    }
  }

  package struct WireGuard: Equatable, Sendable {
    package let name: String
    /// Whose endpoints the file had, by public keys: where they were to be found at first.
    package var configuredEndpoints: [[UInt8]: String] = [:]
    package var isUserspace = false
    /// Nil when it is gone or could not be read.
    package var link: LinkState?
    package var publicKey: [UInt8]?
    package var listenPort: UInt16?
    package var fwMark: UInt32 = 0
    /// Nil when they could not be read.
    package var peers: [Peer]?

    package init(name: String) { self.name = name }
  }

  package struct LinkState: Equatable, Sendable {
    package let isUp: Bool
    /// Bytes.
    package let mtu: UInt32
    package let addresses: [IPPrefix]

    package init(isUp: Bool, mtu: UInt32, addresses: [IPPrefix]) {
      self.isUp = isUp
      self.mtu = mtu
      self.addresses = addresses
    }
  }

  package struct Peer: Equatable, Sendable {
    package var publicKey: [UInt8]
    package var endpoint: SocketAddress?
    /// Seconds since 1970; nil before the first one.
    package var lastHandshake: Int64?
    package var receivedBytes: UInt64 = 0
    package var transmittedBytes: UInt64 = 0
    package var allowedIPs: [IPPrefix] = []
    /// Seconds; zero when off.
    package var persistentKeepalive: UInt16 = 0
    package var hasPresharedKey = false

    package init(publicKey: [UInt8]) { self.publicKey = publicKey }
  }

  package struct Tunnel: Equatable, Sendable {
    package let hostName: String
    package let insideName: String
    package var host: LinkState?
    package var inside: LinkState?

    package init(hostName: String, insideName: String) {
      self.hostName = hostName
      self.insideName = insideName
    }
  }

  package struct Route: Equatable, Sendable {
    package let destination: IPPrefix
    /// Nil for one that leads nowhere (`unreachable`).
    package let interface: String?
    package let gateway: IPAddress?
    package let table: UInt32

    package init(
      destination: IPPrefix, interface: String?, gateway: IPAddress? = nil, table: UInt32 = 254
    ) {
      self.destination = destination
      self.interface = interface
      self.gateway = gateway
      self.table = table
    }
  }
}
