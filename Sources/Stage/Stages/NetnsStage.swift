internal import GeneratorCore
internal import SystemCalls

/// Names the namespace that systemd made for the stage (`PrivateNetwork=yes`), so that services
/// can join it by `JoinsNamespaceOf=`, by `NetworkNamespacePath=`, and people by ip-netns(8).
struct NetnsStage {
  private let instance: Instance
  private let emit: EventSink

  init(_ instance: Instance, emit: @escaping EventSink) {
    self.instance = instance
    self.emit = emit
  }

  /// Returns what is up now, in words.
  func up(_ state: borrowing StateDirectory) throws(StageError) -> String {
    let isHost = try system(try isInNamespaceOfInit())
    guard !isHost else {
      // systemd goes on without PrivateNetwork= when it lacks the privilege; then the "VPN"
      // would be the host's own network.
      throw StageError(
        "this process is in the host's network namespace; refusing to name that one"
          + " '\(instance.namespaceName)'. Start \(instance.name.service(.netns)), and see its log"
          + " for why PrivateNetwork=yes had no effect")
    }
    let name = NamedNamespace(instance.namespaceName)
    let done = "namespace \(instance.namespaceName) is up"
    let current = try system(try NetworkNamespace.current())
    if let old = try? recordedNamespace(of: instance.name, state),
      old.path == name.path, old.identity == current.identity,
      try occupant(of: name) == .namespace(current.identity)
    {
      return done
    }
    try takeDown(.netns, of: instance.name, state)
    try refuseForeignName(name)
    emit(.status("naming the namespace \(instance.namespaceName)"))
    var executor = try KernelExecutor(namespace: current)
    let operations = try plan(state)
    let record = StateRecord(
      attachedUnits: instance.confinement.units,
      publications: instance.publications.map(\.description),
      settings: fixedSettings(of: .netns, instance))
    try bringUp(.netns, of: instance.name, operations, under: record, with: &executor, state)
    try makeSureOthersSee(name, state)
    return done
  }

  private func plan(_ state: borrowing StateDirectory) throws(StageError) -> [KernelOperation] {
    let overlay = ResolverOverlay(
      instance.name, namespace: instance.namespaceName, state: state.path)
    let (resolver, user) = try readResolver(instance, overlay)
    if !overlay.isWritable {
      emit(
        .entry(
          .warning, .caution,
          "'\(overlay.directory)' cannot be written, so 'ip netns exec \(instance.namespaceName)'"
            + " uses the host's resolver; attached services are not affected"))
    }
    return StagePlanner(instance).planNetns(
      servers: resolver.servers, files: try overlay.plan(resolver, beside: user))
  }

  private func occupant(of name: NamedNamespace) throws(StageError) -> NamedNamespace.Occupant {
    try system(try name.occupant())
  }

  private func refuseForeignName(_ name: NamedNamespace) throws(StageError) {
    guard try occupant(of: name) != .nothing else { return }
    throw StageError(
      "'\(name.path)' is there already and was not made for this VPN; remove it with"
        + " 'ip netns delete \(instance.namespaceName)', or choose another name with NETNS_NAME=")
  }

  private func makeSureOthersSee(
    _ name: NamedNamespace, _ state: borrowing StateDirectory
  ) throws(StageError) {
    let isSeen: Bool
    do throws(SystemError) { isSeen = try name.isSeenByInit() } catch {
      try takeDown(.netns, of: instance.name, state)
      throw StageError(error)
    }
    guard !isSeen else { return }
    try takeDown(.netns, of: instance.name, state)
    throw StageError(
      "'\(name.path)' cannot be seen from outside this unit: it has a mount namespace of its own."
        + " Does a drop-in add a setting that implies one, or override PrivateMounts=no?")
  }
}

/// What names are to be resolved by inside, and what of it is the user's.
func readResolver(
  _ instance: Instance, _ overlay: ResolverOverlay
) throws(StageError) -> (ResolverFiles, ResolverFiles.Overlay) {
  let user = try overlay.read()
  let hostSwitch = try system(try readExisting("/etc/nsswitch.conf"))
  let files = ResolverFiles(
    dns: instance.wireGuard.dns, overlay: user,
    hostSwitch: hostSwitch.map { String(decoding: $0, as: UTF8.self) })
  return (files, user)
}
