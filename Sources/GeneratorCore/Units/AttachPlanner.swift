/// Plans what confines services to an instance's namespace; pure.
struct AttachPlanner {
  let name: InstanceName
  /// The file, or the state directory, that the drop-ins are made from.
  let source: String
  /// The namespace's name below /run/netns, with the directory.
  let namespacePath: String
  let reachesDBus: Bool
  /// The path of `nswg-stage`.
  let stage: String

  /// A drop-in for each of `units`, services and sockets.
  func plan(_ units: [String]) -> UnitPlan {
    var plan = UnitPlan()
    for unit in units {
      plan.addFile(
        "\(unit).d/50-\(packageName).conf",
        unit.hasSuffix(".socket") ? socketDropIn : serviceDropIn)
    }
    return plan
  }

  /// Of an attached service: it starts inside the namespace with the VPN's resolver, or not at all.
  private var serviceDropIn: UnitText {
    var unit = UnitText(generatedFrom: source)
    unit.section("Unit")
    addDependencies(to: &unit)
    // Who starts the service wants the VPN, not only an empty namespace.
    unit.setting("Wants", wanted)
    unit.setting("After", [StageName.wg, .tunnel].map(name.service).joined(separator: " "))
    unit.section("Service")
    addConfinement(to: &unit)
    return unit
  }

  /// Of the socket of an attached service: it listens inside.
  ///
  /// sockets.target waits for sockets, and the namespace's unit for it: so no default dependencies,
  /// but those that end it at shutdown; see systemd.socket(5).
  private var socketDropIn: UnitText {
    var unit = UnitText(generatedFrom: source)
    unit.section("Unit")
    unit.setting("DefaultDependencies", "no")
    addShutdown(to: &unit)
    addDependencies(to: &unit)
    unit.section("Socket")
    unit.setting("NetworkNamespacePath", namespacePath)
    return unit
  }

  func addShutdown(to unit: inout UnitText) {
    unit.setting("Conflicts", "shutdown.target")
    unit.setting("Before", "shutdown.target")
  }

  /// The single instance's target starts every other instance, too.
  private var wanted: String {
    name.isSingle ? [StageName.wg, .tunnel].map(name.service).joined(separator: " ") : name.target
  }

  private var settings: ConfinementSettings {
    ConfinementSettings(
      name, namespacePath: namespacePath, reachesDBus: reachesDBus, stage: stage)
  }

  func addDependencies(to unit: inout UnitText) {
    unit.setting("BindsTo", settings.bindsTo)
    unit.setting("After", settings.bindsTo)
  }

  /// Namespace, guard and resolver, for the [Service] section.
  func addConfinement(to unit: inout UnitText) {
    let settings = settings
    unit.setting("NetworkNamespacePath", settings.namespacePath)
    for bind in settings.binds {
      // In quotes: a namespace's name may have a colon.
      let source = bind.isOptional ? "\"-\(bind.source)\"" : bind.source
      unit.setting("BindReadOnlyPaths", "\(source):\(bind.destination)")
    }
    for path in settings.hiddenPaths { unit.setting("InaccessiblePaths", "-\(path)") }
    unit.command("ExecCondition", settings.guardCommand)
    unit.command("ExecStartPre", settings.guardCommand)
  }
}

extension AttachPlanner {
  /// With `namespacePath` the namespace is another than the file's: the one that is there now.
  init(
    _ name: InstanceName, source: String, confinement: Confinement, namespacePath: String? = nil,
    stage: String
  ) {
    self.init(
      name: name, source: source,
      namespacePath: namespacePath ?? "/run/netns/\(confinement.namespaceName)",
      reachesDBus: confinement.reachesDBus, stage: stage)
  }
}
