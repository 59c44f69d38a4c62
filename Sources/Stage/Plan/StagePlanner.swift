internal import GeneratorCore
internal import Netlink
internal import SystemCalls

/// What the wg stage found out before it planned: keys, addresses of endpoints, the path's MTU.
struct WireGuardFacts: Equatable {
  /// Nil when the interface is to keep the one it has.
  let privateKey: WireGuardKey?
  /// One for each peer of the settings, in their order; nil for a peer without.
  let endpoints: [SocketAddress?]
  /// Bytes.
  let mtu: UInt32
}

/// An instance as the operations that bring a stage up, in order; pure.
struct StagePlanner {
  private let instance: Instance

  init(_ instance: Instance) {
    self.instance = instance
  }

  private var mark: String { linkMark(instance.name.text) }

  /// For the stage that runs inside the namespace it names; `files` write the resolver's files.
  func planNetns(
    servers: [IPAddress] = [], files: [KernelOperation] = []
  ) -> [KernelOperation] {
    var settings = [
      // A new namespace copies these from the host (net.core.devconf_inherit_init_net); a VPN's
      // must never forward between its interfaces.
      ("ipv4/ip_forward", "0"),
      ("ipv6/conf/all/forwarding", "0"),
      // Router advertisements or link-local addresses on the tunnel would be a way around the
      // VPN; `default` counts for interfaces made later.
      ("ipv6/conf/all/accept_ra", "0"),
      ("ipv6/conf/default/accept_ra", "0"),
      ("ipv6/conf/default/autoconf", "0"),
      ("ipv6/conf/default/addr_gen_mode", "1"),
    ]
    if !hasIPv6 {
      settings += [("ipv6/conf/all/disable_ipv6", "1"), ("ipv6/conf/default/disable_ipv6", "1")]
    }
    var operations: [KernelOperation] = settings.map {
      .writeSetting(path: "/proc/sys/net/\($0.0)", value: $0.1)
    }
    operations.append(.bringUp(interface: "lo", .inside))
    // When the tunnel's routes are gone packets end here, with an error for whoever sent them.
    operations.append(.addUnreachableDefault(.ipv4))
    if hasIPv6 { operations.append(.addUnreachableDefault(.ipv6)) }
    operations.append(
      .loadTable(
        .inside,
        namespaceTable(interface: instance.wireGuard.interfaceName, servers: servers)))
    operations += files
    // Last: whoever sees the name finds the namespace ready.
    operations.append(.nameNamespace(path: NamedNamespace(instance.namespaceName).path))
    return operations
  }

  /// Whether anything inside has an IPv6 address.
  private var hasIPv6: Bool {
    instance.wireGuard.has(.ipv6)
      || (instance.tunnel?.addresses?.namespace.contains { $0.family == .ipv6 } ?? false)
  }

  /// For the stage that runs in the host's namespace, where the socket is to be.
  func planWireGuard(_ facts: WireGuardFacts) -> [KernelOperation] {
    let settings = instance.wireGuard
    let name = settings.interfaceName
    var operations: [KernelOperation] = [
      .createWireGuard(name: name, mtu: facts.mtu),
      .mark(interface: name, .inside, alias: mark),
      .configureWireGuard(configuration(facts)),
    ]
    operations += settings.addresses.map { .addAddress($0, interface: name, .inside) }
    operations.append(.bringUp(interface: name, .inside))
    operations += tableRoutes.map { .addRoute($0.destination, interface: name, table: $0.table) }
    return operations
  }

  /// The same as a state to be reached from another, for the interface that is there.
  func wantedInterface(_ facts: WireGuardFacts, name: String) -> WantedInterface {
    WantedInterface(
      name: name, mtu: facts.mtu, addresses: instance.wireGuard.addresses, routes: tableRoutes,
      configuration: configuration(facts))
  }

  /// `routes`, each with its table: nil is the main one.
  private var tableRoutes: [TableRoute] {
    switch instance.wireGuard.routeTable {
    case .off: []
    case .automatic: routes.map { TableRoute(destination: $0, table: nil) }
    case .number(let table): routes.map { TableRoute(destination: $0, table: table) }
    }
  }

  private func configuration(_ facts: WireGuardFacts) -> WireGuardConfiguration {
    let settings = instance.wireGuard
    let peers = zip(settings.peers, facts.endpoints).map { peer, endpoint in
      WireGuardConfiguration.Peer(
        publicKey: peer.publicKey.bytes, presharedKey: peer.presharedKey?.bytes,
        endpoint: endpoint, persistentKeepalive: peer.persistentKeepalive,
        allowedIPs: peer.allowedIPs, replaceAllowedIPs: true)
    }
    return WireGuardConfiguration(
      interface: .name(settings.interfaceName), privateKey: facts.privateKey?.bytes,
      listenPort: settings.listenPort, fwMark: settings.fwMark, replacePeers: true, peers: peers)
  }

  /// A route for each allowed prefix of a family that has an address; without one, packets would
  /// leave with the tunnel's address as source and be dropped by the provider.
  ///
  /// A prefix that is an address's own network has its route from the kernel already.
  var routes: [IPPrefix] {
    let settings = instance.wireGuard
    let families = [AddressFamily.ipv4, .ipv6].filter(settings.has)
    var routes: [IPPrefix] = []
    // There can be tens of thousands: no comparing each with each.
    var seen: Set<IPPrefix> = []
    for prefix in settings.peers.flatMap(\.allowedIPs)
    where families.contains(prefix.family) && seen.insert(prefix).inserted {
      let isConnected = settings.addresses.contains {
        $0.network == prefix && $0.length < $0.family.bits
      }
      if !isConnected { routes.append(prefix) }
    }
    return routes
  }

  /// For the stage that runs in the host's namespace, where one end of the pair is to be.
  ///
  /// `forwarding` opens the host's interfaces that ports are forwarded from; it comes after the
  /// rules that say for what.
  func planTunnel(
    _ tunnel: TunnelSettings, _ addresses: TunnelAddresses, forwarding: [KernelOperation] = []
  ) -> [KernelOperation] {
    var operations: [KernelOperation] = [
      .createVeth(host: tunnel.hostInterface, inside: tunnel.namespaceInterface),
      .mark(interface: tunnel.hostInterface, .host, alias: mark),
      .mark(interface: tunnel.namespaceInterface, .inside, alias: mark),
    ]
    operations += addresses.host.map {
      .addAddress($0, interface: tunnel.hostInterface, .host)
    }
    operations += addresses.namespace.map {
      .addAddress($0, interface: tunnel.namespaceInterface, .inside)
    }
    operations += forwarding
    operations += [
      .bringUp(interface: tunnel.hostInterface, .host),
      .bringUp(interface: tunnel.namespaceInterface, .inside),
    ]
    return operations
  }
}
