internal import GeneratorCore
internal import SystemCalls

/// Makes the veth pair between the host's namespace and the VPN's.
struct TunnelStage {
  private let instance: Instance
  private let subnet: IPPrefix?
  private let emit: EventSink

  /// `subnet` is a /30 for a tunnel whose file names no addresses.
  init(_ instance: Instance, subnet: IPPrefix?, emit: @escaping EventSink) {
    self.instance = instance
    self.subnet = subnet
    self.emit = emit
  }

  /// Returns what is up now, in words.
  func up(_ state: borrowing StateDirectory) throws(StageError) -> String {
    guard let tunnel = instance.tunnel else {
      throw StageError("TUNNEL_ENABLE= switches the tunnel of '\(instance.name)' off")
    }
    let addresses = try findAddresses(tunnel)
    let reference = try recordedNamespace(of: instance.name, state)
    let namespace = try openNamespace(reference)
    try takeDown(.tunnel, of: instance.name, state)
    var executor = try KernelExecutor(namespace: namespace)
    try refuseForeign(tunnel.hostInterface, .host, executor, key: "TUNNEL_INIT_NAME")
    try refuseForeign(tunnel.namespaceInterface, .inside, executor, key: "TUNNEL_VPN_NAME")
    emit(.status("making the tunnel"))
    let operations = StagePlanner(instance).planTunnel(
      tunnel, addresses, forwarding: try planForwarding(tunnel, addresses, state))
    try bringUp(
      .tunnel, of: instance.name, operations,
      under: StateRecord(namespace: reference, settings: fixedSettings(of: .tunnel, instance)),
      with: &executor, state)
    return "tunnel is up: \(tunnel.hostInterface) \(list(addresses.host)) on the host,"
      + " \(tunnel.namespaceInterface) \(list(addresses.namespace)) in namespace"
      + " \(instance.namespaceName)"
  }

  /// The rules first, then what they allow.
  private func planForwarding(
    _ tunnel: TunnelSettings, _ addresses: TunnelAddresses, _ state: borrowing StateDirectory
  ) throws(StageError) -> [KernelOperation] {
    guard !tunnel.portForwards.isEmpty else { return [] }
    var closed: [String] = []
    var opening: [KernelOperation] = [
      .writeSetting(
        path: "/proc/sys/net/ipv4/conf/\(tunnel.hostInterface)/forwarding", value: "1")
    ]
    for interface in Set(tunnel.portForwards.map(\.interface)).sorted() {
      let user = state.sibling(".forwarding/\(interface)/\(instance.name)")
      switch try system(try InterfaceForwarding(interface, user: user).wasOff()) {
      case nil: warnMissing(interface)
      case true?:
        closed.append(interface)
        fallthrough
      case false?: opening.append(.forward(interface: interface, user: user))
      }
    }
    let table = forwardTable(instance, tunnel, to: addresses, closed: closed)
    return [.loadTable(.host, table)] + opening
  }

  private func warnMissing(_ interface: String) {
    emit(
      .entry(
        .warning, .caution,
        "there is no interface '\(interface)' yet: ports are forwarded from it only where"
          + " net.ipv4.ip_forward=1 is set, see sysctl.d(5)"))
  }

  private func findAddresses(_ tunnel: TunnelSettings) throws(StageError) -> TunnelAddresses {
    if let addresses = tunnel.addresses { return addresses }
    // By hand nobody has assigned one; then the first choice is taken.
    var unshared = TunnelSubnets(avoiding: [])
    guard let subnet = subnet ?? unshared.assign(to: instance.name),
      let addresses = TunnelAddresses(subnet: subnet)
    else { throw StageError("--subnet must be an IPv4 network with prefix length 30") }
    return addresses
  }

  private func list(_ prefixes: [IPPrefix]) -> String {
    prefixes.map(\.description).joined(separator: ", ")
  }
}
