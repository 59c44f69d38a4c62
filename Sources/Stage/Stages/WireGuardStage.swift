internal import GeneratorCore
internal import Netlink
internal import SystemCalls

/// How long a name is asked for at a start, in seconds: boot may be faster than the network, but has
/// to go on some time.
private let namePatience: Int64 = 20

/// Makes the WireGuard interface inside the namespace, with its UDP socket on the host.
struct WireGuardStage {
  let instance: Instance
  let memory: EndpointMemory
  let emit: EventSink

  init(_ instance: Instance, memory: EndpointMemory, emit: @escaping EventSink) {
    self.instance = instance
    self.memory = memory
    self.emit = emit
  }

  var settings: WireGuardSettings { instance.wireGuard }

  /// Returns what is up now, in words.
  func up(_ state: borrowing StateDirectory) throws(StageError) -> String {
    // Everything that can be wrong with the file is found before anything is touched.
    let facts = try findFacts(
      privateKey: try findPrivateKey(), patience: namePatience)
    let reference = try recordedNamespace(of: instance.name, state)
    let namespace = try openNamespace(reference)
    try takeDown(.wg, of: instance.name, state)
    var executor = try KernelExecutor(
      namespace: namespace, userspaceProgram: settings.userspaceProgram)
    try refuseForeign(settings.interfaceName, .inside, executor, key: "WIREGUARD_NAME")
    emit(.status("making the interface \(settings.interfaceName)"))
    warnUnroutedFamilies()
    try bringUp(
      .wg, of: instance.name, StagePlanner(instance).planWireGuard(facts),
      under: StateRecord(
        namespace: reference, settings: fixedSettings(of: .wg, instance),
        upkeep: upkeep),
      with: &executor, state)
    let adjusted = adjustMTU(settings.interfaceName, &executor)
    return describe(facts, isUserspace: executor.userspace != nil)
      + (adjusted.map { "; \($0)" } ?? "")
  }

  private func describe(_ facts: WireGuardFacts, isUserspace: Bool) -> String {
    let program = settings.userspaceProgram
    let backend = isUserspace ? "\(program), for the kernel has no WireGuard" : "kernel WireGuard"
    if isUserspace {
      emit(
        .entry(
          .notice, .userspace,
          "the kernel has no WireGuard; '\(program)' serves \(settings.interfaceName)"))
    }
    let endpoints = zip(settings.peers, facts.endpoints).compactMap { peer, address in
      address?.description ?? peer.endpoint.map { "\($0), not resolved yet" }
    }.abridged()
    return "interface \(settings.interfaceName) is up in namespace \(instance.namespaceName);"
      + " endpoint \(endpoints), MTU \(facts.mtu); \(backend)"
  }

  /// For the record.
  var upkeep: Upkeep {
    let endpoints = settings.peers.compactMap { peer in
      peer.endpoint.map {
        ConfiguredEndpoint(
          publicKey: peer.publicKey.bytes, text: $0.description,
          persistentKeepalive: peer.persistentKeepalive)
      }
    }
    return Upkeep(
      endpoints: endpoints, listenPort: settings.listenPort.flatMap { $0 == 0 ? nil : $0 },
      hasAutomaticMTU: settings.mtu == nil && settings.mtuProbe == .off,
      isTimed: settings.needsUpkeep,
      onlineTimeout: Int64(settings.onlineTimeout))
  }

  private func warnUnroutedFamilies() {
    for family in [AddressFamily.ipv4, .ipv6] where !settings.has(family) {
      guard settings.peers.contains(where: { $0.allowedIPs.contains { $0.family == family } })
      else { continue }
      emit(
        .entry(
          .notice, .caution,
          "no \(family.name) address is configured, so there is no \(family.name) route into"
            + " the tunnel; \(family.name) goes nowhere in this namespace"))
    }
  }
}
