package import SystemCalls

/// THE FLOW: files → parsed → validated → planned → written.
package struct Generator {
  /// What a run did: the units that were planned, and everything worth saying.
  package struct Result {
    package let plan: UnitPlan
    package let diagnostics: [Diagnostic]
    package var writeErrors: [SystemError] = []

    /// Whether a file had an error or a unit could not be written.
    package var hasErrors: Bool { !writeErrors.isEmpty || diagnostics.contains(where: \.isError) }
  }

  private let directories: ConfigDirectories
  private let state: RuntimeState
  private let planner: UnitPlanner

  /// `root` is prepended to the directories of configuration and run-time state.
  package init(root: String = "", paths: InstalledPaths) {
    directories = ConfigDirectories(root: root)
    state = RuntimeState(root: root)
    planner = UnitPlanner(paths: paths)
  }

  /// Reads all files and plans their units; writes nothing.
  package func plan() -> Result {
    var plan = UnitPlan()
    let diagnostics = planAll { plan.append($0) }
    return Result(plan: plan, diagnostics: diagnostics)
  }

  /// The pure part of `plan()`: the units of these files, while nothing runs.
  package func plan(_ files: [LoadedInstance]) -> Result {
    var plan = UnitPlan()
    let diagnostics = planAll(files, nil) { plan.append($0) }
    return Result(plan: plan, diagnostics: diagnostics)
  }

  /// Plans, and writes below `directory`.
  ///
  /// One instance's units after the other's, for together they would take megabytes; so the result
  /// has no plan.
  package func run(output directory: String) -> Result {
    do throws(SystemError) {
      var writer = try UnitWriter(directory)
      let diagnostics = planAll { writer.write($0) }
      return Result(plan: UnitPlan(), diagnostics: diagnostics, writeErrors: writer.errors)
    } catch {
      return Result(plan: UnitPlan(), diagnostics: [], writeErrors: [error])
    }
  }

  private func planAll(_ take: (UnitPlan) -> Void) -> [Diagnostic] {
    let (files, findings) = directories.findAll()
    return findings + planAll(files.map { loadInstance($0) }, state, take)
  }

  private func planAll(
    _ files: [LoadedInstance], _ state: RuntimeState?, _ take: (UnitPlan) -> Void
  ) -> [Diagnostic] {
    var (loaded, claims) = resolveClashes(files)
    var subnets = TunnelSubnets(avoiding: loaded.lazy.compactMap(\.instance))
    for one in loaded {
      var plan = planUnits(one, of: loaded.count, &subnets, state)
      plan.append(
        planner.planConfinement(one, recorded: state?.confinement(of: one.name), &claims))
      take(plan)
    }
    let orphans = state?.findOrphans(besides: files.lazy.map(\.name)) ?? []
    for orphan in orphans {
      var plan = planner.planOrphan(
        orphan.name, stages: orphan.stages, directory: orphan.directory)
      if let recorded = state?.confinement(of: orphan.name) {
        plan.append(
          planner.planConfinement(orphan.name, source: orphan.directory, recorded, &claims))
      }
      take(plan)
    }
    take(planner.planAllTarget(loaded.map(\.name), orphans: orphans.map(\.name)))
    return loaded.flatMap(\.diagnostics)
  }

  /// An instance's own units, or those that say why there is none.
  private func planUnits(
    _ loaded: LoadedInstance, of count: Int, _ subnets: inout TunnelSubnets, _ state: RuntimeState?
  ) -> UnitPlan {
    guard let instance = loaded.instance else { return planner.planRefusal(loaded) }
    let needsSubnet = instance.tunnel.map { $0.addresses == nil } ?? false
    var plan = planner.plan(
      instance, subnet: needsSubnet ? subnets.assign(to: loaded.name) : nil, of: count)
    if instance.tunnel == nil, let state, state.hasRecord(.tunnel, of: loaded.name) {
      plan.append(planner.planLeftTunnel(instance))
    }
    return plan
  }
}

/// Refuses every file that takes what an earlier one has; and says whose each service is.
private func resolveClashes(_ loaded: [LoadedInstance]) -> ([LoadedInstance], UnitClaims) {
  var clashes = InstanceClashes()
  var units = UnitClaims()
  let resolved = loaded.map { one in
    var faults = units.check(one)
    // One file alone has nobody to clash with.
    if loaded.count > 1, let claims = one.claims { faults += clashes.check(claims) }
    return faults.isEmpty ? one : one.refused(faults)
  }
  return (resolved, units)
}

/// What is wrong with files wherever they are, each by itself and beside the others.
package func checkFiles(_ paths: [String]) -> [LoadedInstance] {
  let files = paths.map { path in
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let stem = name.hasSuffix(".conf") ? String(name.dropLast(5)) : name
    // A file elsewhere may have any name; it will get another when it is put into place.
    return ConfigFile(name: InstanceName(resembling: stem), path: path)
  }
  return checkFiles(files)
}

/// Likewise of files that are to have other names than their own.
package func checkFiles(_ files: [ConfigFile]) -> [LoadedInstance] {
  resolveClashes(files.map { loadInstance($0) }).0
}
