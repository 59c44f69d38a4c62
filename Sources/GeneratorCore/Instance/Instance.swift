package import SystemCalls

/// One VPN, complete and consistent: what `InstanceValidator` made of a file.
package struct Instance: Equatable, Sendable {
  package let name: InstanceName
  /// The file it came from.
  package let path: String
  package let access: FileAccess
  package let confinement: Confinement
  package let wireGuard: WireGuardSettings
  /// Nil when the file switches the tunnel off.
  package let tunnel: TunnelSettings?
  package let publications: [Publication]
  package let autostart: Bool

  /// Below /run/netns.
  package var namespaceName: String { confinement.namespaceName }
}

/// How the stages can come by the instance's file.
package enum FileAccess: Sendable {
  /// They may not be able to read it: as a credential of their units only.
  case credential
  /// It is too large for a credential.
  case direct
  case either
}

/// Where the private key is.
package enum PrivateKeySource: Equatable, Sendable {
  case inline(WireGuardKey)
  /// A file that systemd loads as credential.
  case file(String)
  /// An encrypted credential: a path, or a name in /etc/credstore.encrypted and its like.
  case encryptedCredential(String)
}

/// The WireGuard interface inside the namespace.
package struct WireGuardSettings: Equatable, Sendable {
  package let interfaceName: String
  package let privateKey: PrivateKeySource
  package let addresses: [IPPrefix]
  /// Bytes; nil to compute it from the route to the endpoint.
  package let mtu: Int?
  package let mtuProbe: MTUProbeTarget
  package let listenPort: UInt16?
  package let fwMark: UInt32?
  package let routeTable: RouteTable
  package let dns: [DNSEntry]
  package let peers: [WireGuardPeer]
  /// Program for kernels without WireGuard.
  package let userspaceProgram: String
  /// How long the first handshake may take, in seconds.
  package let onlineTimeout: Int
  /// Whether handshakes are looked after even where no endpoint is a name.
  package let hasHealthCheck: Bool

  /// Whether a peer may have to be looked for anew.
  package var needsUpkeep: Bool {
    hasHealthCheck || peers.contains { $0.endpoint?.isName ?? false }
  }

  /// Whether an address of this family is assigned.
  package func has(_ family: AddressFamily) -> Bool {
    addresses.contains { $0.family == family }
  }
}

/// The far end of the tunnel; the terms are those of wg(8).
package struct WireGuardPeer: Equatable, Sendable {
  package let publicKey: WireGuardKey
  package let presharedKey: WireGuardKey?
  /// Nil for a peer that is to call us; at least one has one.
  package let endpoint: Endpoint?
  /// Networks, without host bits.
  package let allowedIPs: [IPPrefix]
  /// Seconds; 0 is off.
  package let persistentKeepalive: UInt16
}

/// The veth pair between the host's namespace and the VPN's.
package struct TunnelSettings: Equatable, Sendable {
  package let hostInterface: String
  package let namespaceInterface: String
  /// Nil for a /30 of the default network, assigned so that no two instances share one.
  package let addresses: TunnelAddresses?
  package let portForwards: [PortForward]
}

/// The addresses of both ends of a tunnel.
package struct TunnelAddresses: Equatable, Sendable {
  package let host: [IPPrefix]
  package let namespace: [IPPrefix]

  package init(host: [IPPrefix], namespace: [IPPrefix]) {
    self.host = host
    self.namespace = namespace
  }
}
