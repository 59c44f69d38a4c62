internal import GeneratorCore
internal import Netlink
internal import SystemCalls

/// What a reload did.
struct ReloadResult {
  /// What is up, in words.
  let interface: String
  /// What is otherwise now; empty when nothing is.
  let changes: [String]
  /// What the file asks for and no running VPN can change to, each with its remedy.
  let refused: [String]
}

/// Gives a VPN that is up what its file says now, and takes nothing down for it.
struct WireGuardReload {
  private let stage: WireGuardStage
  private var instance: Instance { stage.instance }

  init(_ instance: Instance, memory: EndpointMemory, emit: @escaping EventSink) {
    stage = WireGuardStage(instance, memory: memory, emit: emit)
  }

  func perform(_ state: borrowing StateDirectory) throws(StageError) -> ReloadResult {
    var running = try RunningInterface(of: instance.name, state)
    var record = running.record
    let device = try running.device()
    let present = try running.present(device)
    let facts = try stage.findFacts(
      privateKey: try stage.findChangedKey(),
      keeping: findKept(recorded: record.upkeep.endpoints, device))
    let wanted = StagePlanner(instance).wantedInterface(facts, name: running.name)
    let difference = InterfaceDifference(from: present, to: wanted)
    let resolver = try planResolver(running.namespace, interface: running.name, state)
    // From here on something changes.
    try perform(difference.operations + resolver.operations, with: &running.executor, state)
    let after = InterfaceDifference(
      from: try running.present(try running.device()), to: wanted)
    try perform(after.networkOperations, with: &running.executor, state)
    let adjusted = stage.adjustMTU(running.name, &running.executor)
    let refused = try findRefused(record, state)
    let clock = record.upkeep.clock
    record.upkeep = stage.upkeep
    record.upkeep.clock = clock
    record.leaveCredential(for: fixedSettings(of: .wg, instance))
    try system(try state.write(record, of: .wg))
    return ReloadResult(
      interface: "interface \(running.name) is up in \(running.namespace.path)",
      changes: difference.changes + resolver.changes + (adjusted.map { [$0] } ?? []),
      refused: refused)
  }

  /// What `perform` would do and refuse, without doing any of it.
  func preview(_ state: borrowing StateDirectory) throws(StageError) -> ReloadResult {
    let running = try RunningInterface(of: instance.name, state)
    let device = try running.device()
    let facts = try stage.findFacts(
      privateKey: try stage.findChangedKey(),
      keeping: findKept(recorded: running.record.upkeep.endpoints, device))
    let difference = InterfaceDifference(
      from: try running.present(device),
      to: StagePlanner(instance).wantedInterface(facts, name: running.name))
    let resolver = try planResolver(running.namespace, interface: running.name, state)
    return ReloadResult(
      interface: running.name, changes: difference.changes + resolver.changes,
      refused: try findRefused(running.record, state, isPreview: true))
  }

  /// What is made, files of the resolver, belongs to the netns stage.
  private func perform(
    _ operations: [KernelOperation], with executor: inout KernelExecutor,
    _ state: borrowing StateDirectory
  ) throws(StageError) {
    guard !operations.isEmpty, var record = try system(try state.read(.netns)) else { return }
    try executor.perform(operations) { (creation) throws(StageError) in
      record.note(creation)
      try system(try state.write(record, of: .netns))
    }
  }

  /// The addresses of peers whose endpoint in the file is the same as before: where such a peer is
  /// now, it has told us itself; wg(8), "roaming".
  private func findKept(
    recorded: [ConfiguredEndpoint], _ device: WireGuardDevice
  ) -> [[UInt8]: SocketAddress] {
    let before = Dictionary(recorded.map { ($0.publicKey, $0.text) }) { $1 }
    let present = device.peersByKey
    var kept: [[UInt8]: SocketAddress] = [:]
    for endpoint in stage.upkeep.endpoints where before[endpoint.publicKey] == endpoint.text {
      kept[endpoint.publicKey] = present[endpoint.publicKey]?.endpoint
    }
    return kept
  }

  // MARK: name servers

  private func planResolver(
    _ namespace: NamespaceReference, interface: String, _ state: borrowing StateDirectory
  ) throws(StageError) -> (operations: [KernelOperation], changes: [String]) {
    // The names that are up, whatever the file has for them by now.
    let overlay = ResolverOverlay(
      instance.name, namespace: String(namespace.path.split(separator: "/").last ?? ""),
      state: state.path)
    let (files, user) = try readResolver(instance, overlay)
    let operations = try overlay.plan(files, beside: user).withoutWritten()
    // First the way is open, then it is asked for. Always: next to a user's resolv.conf the servers of
    // the file are in the rules alone.
    let table = KernelOperation.loadTable(
      .inside, namespaceTable(interface: interface, servers: files.servers))
    guard !operations.isEmpty else { return ([table], []) }
    let before = try system(try readExisting(overlay.resolvConf)) ?? []
    let old = ResolverFiles.nameServers(String(decoding: before, as: UTF8.self))
    let new = ResolverFiles.nameServers(files.resolvConf)
    return ([table] + operations, [old == new ? "resolver files" : "DNS \(list(old))→\(list(new))"])
  }

  private func list(_ servers: [IPAddress]) -> String {
    servers.isEmpty ? "none" : servers.map(\.description).joined(separator: " ")
  }

  // MARK: what cannot change

  private func findRefused(
    _ record: StateRecord, _ state: borrowing StateDirectory, isPreview: Bool = false
  ) throws(StageError) -> [String] {
    let name = instance.name
    var refused = record.differences(to: fixedSettings(of: .wg, instance)).map {
      "\($0.words): restart \($0.key == "WIREGUARD_NAME" ? name.target : name.service(.wg))"
    }
    let withoutEndpoint = Set(
      stage.settings.peers.filter { $0.endpoint == nil }.map(\.publicKey.bytes))
    for endpoint in record.upkeep.endpoints where withoutEndpoint.contains(endpoint.publicKey) {
      refused.append("a peer keeps its endpoint \(endpoint.text): restart \(name.service(.wg))")
    }
    if stage.settings.needsUpkeep && !record.upkeep.isTimed {
      refused.append("nothing looks after the endpoint: start \(name.endpointTimer)")
    }
    return refused + (try findRefusedTunnel(state))
      + (try findRefusedNamespace(state, isPreview: isPreview))
  }

  private func findRefusedTunnel(
    _ state: borrowing StateDirectory
  ) throws(StageError) -> [String] {
    let service = instance.name.service(.tunnel)
    guard let record = try system(try state.read(.tunnel)) else {
      return instance.tunnel == nil ? [] : ["TUNNEL_ENABLE= no→yes: start \(service)"]
    }
    guard instance.tunnel != nil else { return ["TUNNEL_ENABLE= yes→no: stop \(service)"] }
    return record.differences(to: fixedSettings(of: .tunnel, instance)).map {
      "\($0.words): restart \(service)"
    }
  }

  /// The services' settings are said once: what becomes of them is between systemd and them.
  private func findRefusedNamespace(
    _ state: borrowing StateDirectory, isPreview: Bool
  ) throws(StageError) -> [String] {
    guard var record = try system(try state.read(.netns)) else { return [] }
    let settings = fixedSettings(of: .netns, instance)
    let differences = record.differences(to: settings)
    guard !differences.isEmpty else { return [] }
    record.settings = settings.map { setting in
      setting.key == "NETNS_NAME"
        ? FixedSetting(setting.key, record.setting(setting.key) ?? setting.value) : setting
    }
    // What may run inside: what did, and what will after the next daemon-reload.
    record.attachedUnits += instance.confinement.units.filter {
      !record.attachedUnits.contains($0)
    }
    record.publications += instance.publications.map(\.description).filter {
      !record.publications.contains($0)
    }
    if !isPreview { try system(try state.write(record, of: .netns)) }
    return differences.map { difference in
      switch difference.key {
      case "NETNS_NAME": "\(difference.words): restart \(instance.name.target)"
      case "PUBLISH": "\(difference.words): start \(instance.name.target)"
      default: "\(difference.words): restart the services"
      }
    }
  }
}

extension RunningInterface {
  fileprivate func present(_ device: WireGuardDevice) throws(StageError) -> PresentInterface {
    try executor.presentInterface(name, index: index, device)
  }
}
