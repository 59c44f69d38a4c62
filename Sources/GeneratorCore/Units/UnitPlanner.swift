package import SystemCalls

/// Plans the units of instances; pure.
package struct UnitPlanner {
  let paths: InstalledPaths

  package init(paths: InstalledPaths) {
    self.paths = paths
  }

  /// The units of one instance; `subnet` is for a tunnel without addresses of its own.
  ///
  /// Without the services that it confines, see `planConfinement`.
  package func plan(_ instance: Instance, subnet: IPPrefix?) -> UnitPlan {
    let name = instance.name
    var plan = UnitPlan()
    plan.addFile(name.service(.netns), netnsService(instance))
    plan.addFile(name.service(.wg), wgService(instance))
    var stages = [StageName.netns, .wg]
    if instance.tunnel != nil {
      plan.addFile(name.service(.tunnel), tunnelService(instance, subnet: subnet))
      stages.append(.tunnel)
    }
    tie(stages, of: name, in: &plan)
    if instance.wireGuard.needsUpkeep {
      plan.addDependency(
        name.service(.wg), "wants", name.endpointTimer,
        at: "\(paths.units)/\(name.isSingle ? name.endpointTimer : InstanceName.timerTemplate)")
    }
    if instance.autostart { addAutostart(name, stages, to: &plan) }
    return plan
  }

  /// Units that fail at once and say why, for a file with a fault.
  ///
  /// They still tear down: the instance may be running from before the fault was written.
  package func planRefusal(_ loaded: LoadedInstance) -> UnitPlan {
    let messages = loaded.diagnostics.filter(\.isError).map(\.description)
    var plan = UnitPlan()
    for stage in StageName.allCases {
      var unit = UnitText(
        partOf: loaded.name, from: loaded.path, "not started, its file has a fault")
      addStopOnly(stage, loaded.name, start: ["refuse", loaded.name.text] + messages, to: &unit)
      plan.addFile(loaded.name.service(stage), unit)
    }
    tie([.netns, .wg], of: loaded.name, in: &plan)
    if loaded.wantsAutostart { addAutostart(loaded.name, [.netns], to: &plan) }
    return plan
  }

  /// Units that can only stop an instance that runs without a file: it was removed or renamed.
  ///
  /// Else the services would be gone at the next daemon-reload, and what stops them with them
  /// (systemd/systemd#13032). `stages` are those that have a record in `directory`.
  package func planOrphan(
    _ name: InstanceName, stages: [StageName], directory: String
  ) -> UnitPlan {
    var plan = UnitPlan()
    for stage in stages {
      var unit = UnitText(generatedFrom: directory)
      unit.section("Unit")
      unit.setting("Description", "VPN \(name): its file is gone, it can only be stopped")
      unit.setting("Documentation", "man:\(packageName)(7)")
      unit.setting("PartOf", name.target)
      if stage != .netns { addNamespaceDependency(name, to: &unit) }
      addStopOnly(stage, name, start: ["missing", name.text], to: &unit)
      plan.addFile(name.service(stage), unit)
    }
    tie(stages, of: name, in: &plan)
    return plan
  }

  /// A unit that can only stop the tunnel of an instance whose file has switched it off since.
  ///
  /// Nothing pulls it in; it is there for the target, the namespace and people to stop.
  package func planLeftTunnel(_ instance: Instance) -> UnitPlan {
    let name = instance.name
    var unit = UnitText(partOf: name, from: instance.path, "tunnel that its file has switched off")
    addNamespaceDependency(name, to: &unit)
    // As a condition it skips the unit: a restart of the target, which is how the file's change
    // reaches the VPN, restarts this one, too, and must not leave a failure behind.
    addStopOnly(
      .tunnel, name, isSkipped: true,
      start: ["refuse", name.text, "\(instance.path): the tunnel is switched off"], to: &unit)
    var plan = UnitPlan()
    plan.addFile(name.service(.tunnel), unit)
    return plan
  }

  /// What makes the target of all instances start and stop each of them; orphans only stop.
  ///
  /// A drop-in of this target, not PartOf= in each instance: it is read only when somebody uses
  /// the target, and instances that nobody starts cost PID 1 nothing.
  package func planAllTarget(
    _ names: [InstanceName], orphans: [InstanceName] = []
  ) -> UnitPlan {
    var plan = UnitPlan()
    let targets = names.filter { !$0.isSingle }.map(\.target)
    let orphanTargets = orphans.filter { !$0.isSingle }.map(\.target)
    guard !targets.isEmpty || !orphanTargets.isEmpty else { return plan }
    var unit = UnitText(generatedFrom: "the files in /etc/\(packageName).d")
    unit.section("Unit")
    for target in targets {
      unit.setting("Wants", target)
      unit.setting("PropagatesStopTo", target)
    }
    for target in orphanTargets { unit.setting("PropagatesStopTo", target) }
    plan.addFile("\(InstanceName.allTarget).d/50-instances.conf", unit)
    return plan
  }

  /// The packaged target of a named instance requires its namespace by itself, so that a name
  /// without a file fails with a message; the single one's requires nothing.
  private func tie(_ stages: [StageName], of name: InstanceName, in plan: inout UnitPlan) {
    for stage in stages where stage != .netns || name.isSingle {
      let service = name.service(stage)
      plan.addDependency(name.target, "requires", service, at: "../\(service)")
    }
  }

  /// As `systemctl enable` would for the packaged target's `[Install]`.
  private func addAutostart(
    _ name: InstanceName, _ stages: [StageName], to plan: inout UnitPlan
  ) {
    guard name.isSingle else {
      return plan.addDependency(
        "multi-user.target", "wants", name.target, at: "\(paths.units)/\(packageName)@.target")
    }
    // Not its target, which starts every other instance as well.
    for service in stages.map(name.service) {
      plan.addDependency("multi-user.target", "wants", service, at: "../\(service)")
    }
  }

  private func netnsService(_ instance: Instance) -> UnitText {
    var unit = UnitText(
      partOf: instance.name, from: instance.path, "network namespace \(instance.namespaceName)")
    unit.section("Service")
    add(netnsSettings, of: .netns, to: &unit)
    addUp(.netns, instance, to: &unit)
    return unit
  }

  private func wgService(_ instance: Instance) -> UnitText {
    let wireGuard = instance.wireGuard
    var unit = UnitText(
      partOf: instance.name, from: instance.path, "WireGuard interface \(wireGuard.interfaceName)")
    addNamespaceDependency(instance.name, to: &unit)
    if wireGuard.peers.contains(where: { $0.endpoint?.isName ?? false }) {
      unit.setting("Wants", "network-online.target")
      unit.setting("After", "network-online.target nss-lookup.target")
    }
    unit.section("Service")
    add(wgSettings, of: .wg, to: &unit)
    // Echo requests of an exact size, raw(7).
    if wireGuard.mtuProbe != .off { unit.setting("CapabilityBoundingSet", "CAP_NET_RAW") }
    switch wireGuard.privateKey {
    case .inline: break
    case .file(let path): unit.setting("LoadCredential", "private-key:\(path)")
    case .encryptedCredential(let source):
      unit.setting("LoadCredentialEncrypted", "private-key:\(source)")
    }
    addUp(.wg, instance, to: &unit)
    // "+": outside of the sandbox, systemd.service(5). Inside, the file would be the credential of
    // the start, /etc/netns and the namespace's sysctls not to be written, a key's file hidden.
    unit.command("ExecReload", ["+\(paths.stage)", "wg", "reload", instance.name.text])
    return unit
  }

  private func tunnelService(_ instance: Instance, subnet: IPPrefix?) -> UnitText {
    var unit = UnitText(
      partOf: instance.name, from: instance.path, "tunnel between the host and the namespace")
    addNamespaceDependency(instance.name, to: &unit)
    unit.section("Service")
    add(tunnelSettings, of: .tunnel, to: &unit)
    // A forward may have to switch on forwarding between interfaces of the host, a sysctl.
    let isForwarding = !(instance.tunnel?.portForwards ?? []).isEmpty
    if !isForwarding { unit.setting("ProtectKernelTunables", "yes") }
    addUp(.tunnel, instance, extra: subnet.map { ["--subnet", $0.description] } ?? [], to: &unit)
    return unit
  }

  /// A service that fails at a start, with the words of `start`, and can be stopped all the same.
  private func addStopOnly(
    _ stage: StageName, _ name: InstanceName, isSkipped: Bool = false, start: [String],
    to unit: inout UnitText
  ) {
    unit.section("Service")
    add(stopSettings(of: stage), of: stage, to: &unit)
    if stage == .netns {
      unit.comment("PrivateNetwork=: it makes no namespace, it takes one away.")
    }
    if isSkipped { unit.command("ExecCondition", [paths.stage] + start) }
    unit.command("ExecStart", [paths.stage] + start)
    // Whoever reloads what still runs is to read the same.
    if stage == .wg { unit.command("ExecReload", [paths.stage] + start) }
    addDown(stage, name, to: &unit)
  }

  private func addNamespaceDependency(_ name: InstanceName, to unit: inout UnitText) {
    unit.setting("Requires", name.service(.netns))
    unit.setting("After", name.service(.netns))
  }

  private func add(_ settings: [Setting], of stage: StageName, to unit: inout UnitText) {
    for setting in commonSettings + settings + hardeningSettings {
      unit.setting(setting.name, setting.value)
    }
    unit.comment("What systemd-analyze security finds open, and why:")
    for point in stage.openPoints { unit.comment(point) }
  }

  private func addUp(
    _ stage: StageName, _ instance: Instance, extra: [String] = [], to unit: inout UnitText
  ) {
    // Only what the stage could not read itself: in each sandbox that it sets up systemd unmounts the
    // credentials of all other units one by one, and a hundred starts at once take minutes. Not
    // StandardInput=file: either: ExecStopPost= would have it, too, and without the file nothing
    // would be taken down.
    if instance.isCredential { unit.setting("LoadCredential", "config:\(instance.path)") }
    unit.command(
      "ExecStart", [paths.stage, stage.rawValue, "up", instance.name.text] + extra)
    addDown(stage, instance.name, to: &unit)
  }

  /// ExecStopPost= runs after a failed start, too; and it needs neither file nor key.
  private func addDown(_ stage: StageName, _ name: InstanceName, to unit: inout UnitText) {
    unit.command("ExecStopPost", [paths.stage, stage.rawValue, "down", name.text])
  }
}
