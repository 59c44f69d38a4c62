// Which services run inside, and what of them is published, whatever became of the file.

extension UnitPlanner {
  /// The drop-ins of the services that a file confines, whatever is wrong with the file, and the
  /// units that publish their ports.
  ///
  /// While the instance runs, what it `recorded` counts beside the file: for a file with a fault,
  /// and to stop what is published and in no file any more.
  func planConfinement(
    _ loaded: LoadedInstance, recorded: RuntimeState.RecordedConfinement?,
    _ claims: inout UnitClaims
  ) -> UnitPlan {
    guard let confinement = loaded.confinement else {
      guard let recorded else { return UnitPlan() }
      return planConfinement(loaded.name, source: loaded.path, recorded, &claims)
    }
    let isGood = loaded.instance != nil
    let attach = AttachPlanner(
      loaded.name, source: loaded.path, confinement: confinement,
      namespacePath: isGood ? nil : recorded?.namespacePath, stage: paths.stage)
    let running = recorded?.units.filter { !isGood && !confinement.units.contains($0) } ?? []
    var plan = attach.plan(claims.take(confinement.units + running, for: loaded.path))
    let publish = PublishPlanner(attach: attach)
    let publications = loaded.instance?.publications ?? []
    plan.append(publish.plan(publications, isWanted: true))
    let left = recorded?.publications.filter { one in
      !publications.contains { $0.listen == one.listen }
    }
    plan.append(publish.plan(left ?? [], isWanted: false))
    return plan
  }

  /// Those of a running instance whose file is gone or cannot be read.
  func planConfinement(
    _ name: InstanceName, source: String, _ recorded: RuntimeState.RecordedConfinement,
    _ claims: inout UnitClaims
  ) -> UnitPlan {
    let attach = AttachPlanner(
      name: name, source: source, namespacePath: recorded.namespacePath, reachesDBus: false,
      stage: paths.stage)
    var plan = attach.plan(claims.take(recorded.units, for: source))
    plan.append(PublishPlanner(attach: attach).plan(recorded.publications, isWanted: false))
    return plan
  }
}
