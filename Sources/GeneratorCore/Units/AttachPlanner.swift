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
        "\(unit).d/50-\(packageName).conf", unit.hasSuffix(".socket") ? socketDropIn : serviceDropIn)
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

  /// Bound to the namespace alone: a VPN that has failed confines as well as one that works.
  func addDependencies(to unit: inout UnitText) {
    unit.setting("BindsTo", name.service(.netns))
    unit.setting("After", name.service(.netns))
  }

  /// Namespace, guard and resolver, for the [Service] section.
  func addConfinement(to unit: inout UnitText) {
    let state = "/run/\(packageName)/\(name)"
    unit.setting("NetworkNamespacePath", namespacePath)
    for bind in [
      // The directory, not the file: resolved replaces that, and the bind would be lost with it
      // (systemd/systemd#32366). It takes resolved's sockets away, too.
      "\(state)/resolver:/run/systemd/resolve",
      "\(state)/resolver/resolv.conf:/etc/resolv.conf",
      "\(state)/nsswitch.conf:/etc/nsswitch.conf",
      "-/etc/netns/\(namespacePath.split(separator: "/").last ?? "")/hosts:/etc/hosts",
    ] {
      unit.setting("BindReadOnlyPaths", bind)
    }
    // Sockets by path are in no network namespace: behind each of them somebody resolves names on
    // the host's network.
    for path in hiddenPaths { unit.setting("InaccessiblePaths", "-\(path)") }
    // As a condition it comes before every other command; 255 is a failure, less would mean to
    // skip the unit, which counts as success. The second holds where a drop-in clears the first.
    unit.command("ExecCondition", [stage, "assert", name.text])
    unit.command("ExecStartPre", [stage, "assert", name.text])
  }

  private var hiddenPaths: [String] {
    // The first two matter where the bind over their directory is gone.
    ["/run/systemd/resolve/io.systemd.Resolve", "/run/systemd/resolve/io.systemd.Resolve.Monitor"]
      + ["/run/nscd", "/run/avahi-daemon", "/run/mdnsd"]
      + (reachesDBus ? [] : ["/run/dbus/system_bus_socket"])
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
