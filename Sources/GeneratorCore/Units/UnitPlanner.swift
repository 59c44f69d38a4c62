package import SystemCalls

/// Plans the units of instances; pure.
package struct UnitPlanner {
  let paths: InstalledPaths

  package init(paths: InstalledPaths) {
    self.paths = paths
  }

  /// How many instances have their files as credentials of their units, LoadCredential= of
  /// systemd.exec(5).
  ///
  /// In each sandbox that it sets up systemd unmounts the credentials of all other units, one by one:
  /// of a hundred instances that started at once 99 ran into their timeouts.
  private static let fewInstances = 16

  /// The units of one of `count` instances; `subnet` is for a tunnel without addresses of its own.
  ///
  /// Without the services that it confines, see `planConfinement`.
  package func plan(_ instance: Instance, subnet: IPPrefix?, of count: Int = 1) -> UnitPlan {
    let name = instance.name
    let units = UnitNames(name)
    let services = StageServices(
      units, stage: paths.stage, isCrowded: count > Self.fewInstances)
    var plan = UnitPlan()
    plan.addFile(units.service(.netns), services.netns(instance))
    plan.addFile(units.service(.wg), services.wg(instance))
    var stages = [StageName.netns, .wg]
    if instance.tunnel != nil {
      plan.addFile(units.service(.tunnel), services.tunnel(instance, subnet: subnet))
      stages.append(.tunnel)
    }
    tie(stages, of: units, in: &plan)
    if instance.wireGuard.needsUpkeep {
      plan.addDependency(
        units.service(.wg), "wants", name.endpointTimer,
        at: "\(paths.units)/\(name.isSingle ? name.endpointTimer : InstanceName.timerTemplate)")
    }
    if instance.autostart { addAutostart(units, stages, to: &plan) }
    return plan
  }

  /// Units that fail at once and say why, for a file with a fault.
  ///
  /// They still tear down: the instance may be running from before the fault was written.
  package func planRefusal(_ loaded: LoadedInstance) -> UnitPlan {
    let messages = loaded.diagnostics.filter(\.isError).map(\.description)
    let units = UnitNames(loaded.name)
    let services = StageServices(units, stage: paths.stage)
    var plan = UnitPlan()
    for stage in StageName.allCases {
      var unit = UnitText(of: units, from: loaded.path, "not started, its file has a fault")
      services.addStopOnly(stage, start: ["refuse", loaded.name.text] + messages, to: &unit)
      plan.addFile(units.service(stage), unit)
    }
    tie([.netns, .wg], of: units, in: &plan)
    if loaded.wantsAutostart { addAutostart(units, [.netns], to: &plan) }
    return plan
  }

  /// Units that can only stop an instance that runs without a file: it was removed or renamed.
  ///
  /// Else the services would be gone at the next daemon-reload, and what stops them with them
  /// (systemd/systemd#13032). `stages` are those that have a record in `directory`.
  package func planOrphan(
    _ name: InstanceName, stages: [StageName], directory: String
  ) -> UnitPlan {
    let units = UnitNames(name)
    let services = StageServices(units, stage: paths.stage)
    var plan = UnitPlan()
    for stage in stages {
      var unit = UnitText(generatedFrom: directory)
      unit.section("Unit")
      unit.setting("Description", "VPN \(name): its file is gone, it can only be stopped")
      unit.setting("Documentation", "man:\(packageName)(7)")
      unit.setting("PartOf", units.target)
      if stage != .netns { services.addNamespaceDependency(to: &unit) }
      services.addStopOnly(stage, start: ["missing", name.text], to: &unit)
      plan.addFile(units.service(stage), unit)
    }
    tie(stages, of: units, in: &plan)
    return plan
  }

  /// A unit that can only stop the tunnel of an instance whose file has switched it off since.
  ///
  /// Nothing pulls it in; it is there for the target, the namespace and people to stop.
  package func planLeftTunnel(_ instance: Instance) -> UnitPlan {
    let units = UnitNames(instance.name)
    let services = StageServices(units, stage: paths.stage)
    var unit = UnitText(of: units, from: instance.path, "tunnel that its file has switched off")
    services.addNamespaceDependency(to: &unit)
    // As a condition it skips the unit: a restart of the target, which is how the file's change
    // reaches the VPN, restarts this one, too, and must not leave a failure behind.
    services.addStopOnly(
      .tunnel, isSkipped: true,
      start: ["refuse", instance.name.text, "\(instance.path): the tunnel is switched off"],
      to: &unit)
    var plan = UnitPlan()
    plan.addFile(units.service(.tunnel), unit)
    return plan
  }

  /// What makes the target of all instances start, stop and reload each of them; orphans only stop.
  ///
  /// A drop-in of this target, not PartOf= in each instance: it is read only when somebody uses
  /// the target, and instances that nobody starts cost PID 1 nothing, also beside others that run.
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
      unit.setting("PropagatesReloadTo", target)
    }
    for target in orphanTargets { unit.setting("PropagatesStopTo", target) }
    plan.addFile("\(InstanceName.allTarget).d/50-instances.conf", unit)
    return plan
  }

  /// The packaged target of a named instance requires its namespace by itself, so that a name
  /// without a file fails with a message; the single one's requires nothing.
  private func tie(_ stages: [StageName], of units: UnitNames, in plan: inout UnitPlan) {
    for stage in stages where stage != .netns || units.instance.isSingle {
      let service = units.service(stage)
      plan.addDependency(units.target, "requires", service, at: "../" + service)
    }
  }

  /// As `systemctl enable` would for the packaged target's `[Install]`.
  private func addAutostart(
    _ units: UnitNames, _ stages: [StageName], to plan: inout UnitPlan
  ) {
    guard units.instance.isSingle else {
      return plan.addDependency(
        "multi-user.target", "wants", units.target, at: "\(paths.units)/\(packageName)@.target")
    }
    // Not its target, which starts every other instance as well.
    for service in stages.map(units.service) {
      plan.addDependency("multi-user.target", "wants", service, at: "../\(service)")
    }
  }
}
