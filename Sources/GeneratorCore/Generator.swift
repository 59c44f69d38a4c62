package import SystemCalls

/// THE FLOW: files → parsed → validated → planned → written.
package struct Generator {
  /// What a run did: the units that were planned, and everything worth saying.
  package struct Result {
    package let plan: UnitPlan
    package fileprivate(set) var diagnostics: [Diagnostic]
    package fileprivate(set) var writeErrors: [SystemError] = []

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
    let (files, findings) = directories.findAll()
    let orphans = state.findOrphans(besides: Set(files.map(\.name)))
    let loaded = files.map { loadInstance($0) }
    let leftTunnels = loaded.filter { one in
      one.instance.map { $0.tunnel == nil && state.hasRecord(.tunnel, of: one.name) } ?? false
    }
    var result = plan(loaded, orphans: orphans, leftTunnels: Set(leftTunnels.map(\.name)))
    result.diagnostics = findings + result.diagnostics
    return result
  }

  /// The pure part of `plan()`: the units of these files, and of no others.
  package func plan(_ files: [LoadedInstance]) -> Result {
    plan(files, orphans: [], leftTunnels: [])
  }

  private func plan(
    _ files: [LoadedInstance], orphans: [RuntimeState.Orphan], leftTunnels: Set<InstanceName>
  ) -> Result {
    let loaded = resolveClashes(files)
    var subnets = TunnelSubnets(avoiding: loaded.compactMap(\.instance))
    var plan = UnitPlan()
    for one in loaded {
      guard let instance = one.instance else {
        plan.append(planner.planRefusal(one))
        continue
      }
      let needsSubnet = instance.tunnel.map { $0.addresses == nil } ?? false
      plan.append(
        planner.plan(instance, subnet: needsSubnet ? subnets.assign(to: one.name) : nil))
      if leftTunnels.contains(one.name) { plan.append(planner.planLeftTunnel(instance)) }
    }
    for orphan in orphans {
      plan.append(
        planner.planOrphan(orphan.name, stages: orphan.stages, directory: orphan.directory))
    }
    plan.append(planner.planAllTarget(loaded.map(\.name), orphans: orphans.map(\.name)))
    return Result(plan: plan, diagnostics: loaded.flatMap(\.diagnostics))
  }

  /// Plans, and writes the plan below `directory`.
  package func run(output directory: String) -> Result {
    var result = plan()
    result.writeErrors = writeUnits(result.plan, to: directory)
    return result
  }
}

/// Refuses every file that takes what an earlier one has.
private func resolveClashes(_ loaded: [LoadedInstance]) -> [LoadedInstance] {
  var clashes = InstanceClashes()
  return loaded.map { one in one.claims.map { one.refused(clashes.check($0)) } ?? one }
}

/// What is wrong with files wherever they are, each by itself and beside the others.
package func checkFiles(_ paths: [String]) -> [LoadedInstance] {
  let files = paths.map { path in
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let stem = name.hasSuffix(".conf") ? String(name.dropLast(5)) : name
    // A file elsewhere may have any name; it will get another when it is put into place.
    return ConfigFile(name: InstanceName(resembling: stem), path: path)
  }
  return resolveClashes(files.map { loadInstance($0) })
}
