internal import SystemCalls

/// Plans the units that publish a port of the namespace on the host; pure.
///
/// systemd listens on the host, and systemd-socket-proxyd(8), inside the namespace, passes each
/// connection on: nothing inside gets a way out by it.
struct PublishPlanner {
  let attach: AttachPlanner

  private var name: InstanceName { attach.name }

  /// A socket and its proxy for each of `publications`.
  ///
  /// With `isWanted` false the target does not start them: they are there to be stopped, for what
  /// runs and is in no file any more.
  func plan(_ publications: [Publication], isWanted: Bool) -> UnitPlan {
    var plan = UnitPlan()
    for publication in publications {
      let unit = unitName(publication.listen)
      plan.addFile("\(unit).socket", socket(publication))
      plan.addFile("\(unit).service", service(publication, socket: "\(unit).socket"))
      guard isWanted else { continue }
      // Not required: a port that somebody else has must not keep the VPN from starting.
      plan.addDependency(name.target, "wants", "\(unit).socket", at: "../\(unit).socket")
    }
    return plan
  }

  /// A name without suffix: the address alone is no other instance's, `@NAME` is for people.
  private func unitName(_ listen: SocketAddress) -> String {
    let stem = "\(packageName)-publish-\(listen.address)_\(listen.port)"
    guard !name.isSingle else { return stem }
    let unit = "\(stem)@\(name)"
    // 255 bytes with the suffix, systemd.unit(5).
    return unit.utf8.count <= 247 ? unit : "\(stem)@\(String(stableHash(name.text), radix: 16))"
  }

  private func socket(_ publication: Publication) -> UnitText {
    var unit = begin("\(publication.listen) on the host")
    // As for the socket of an attached service.
    unit.setting("DefaultDependencies", "no")
    attach.addShutdown(to: &unit)
    attach.addDependencies(to: &unit)
    unit.section("Socket")
    unit.setting("ListenStream", publication.listen.description)
    unit.setting("BindIPv6Only", "ipv6-only")
    // The address may come later than the VPN.
    unit.setting("FreeBind", "yes")
    return unit
  }

  private func service(_ publication: Publication, socket: String) -> UnitText {
    var unit = begin("port \(publication.innerPort) inside, for \(publication.listen)")
    unit.setting("Requires", socket)
    unit.setting("After", socket)
    attach.addDependencies(to: &unit)
    unit.section("Service")
    unit.setting("Type", "exec")
    attach.addConfinement(to: &unit)
    for setting in proxySettings + hardeningSettings { unit.setting(setting.name, setting.value) }
    unit.command("ExecStart", [proxyProgram, "127.0.0.1:\(publication.innerPort)"])
    return unit
  }

  private func begin(_ what: String) -> UnitText {
    UnitText(of: UnitNames(name), from: attach.source, what)
  }
}

private let proxyProgram = "/usr/lib/systemd/systemd-socket-proxyd"

/// It copies bytes between sockets and needs nothing else.
private let proxySettings: [Setting] = [
  ("DynamicUser", "yes"),
  ("CapabilityBoundingSet", ""),
  ("PrivateDevices", "yes"),
  ("ProtectClock", "yes"),
  ("ProtectControlGroups", "yes"),
  ("ProtectHome", "yes"),
  ("ProtectHostname", "yes"),
  ("ProtectKernelLogs", "yes"),
  ("ProtectKernelModules", "yes"),
  ("ProtectKernelTunables", "yes"),
  ("ProtectProc", "invisible"),
  ("ProcSubset", "pid"),
  ("UMask", "0077"),
  ("RestrictNamespaces", "yes"),
  // It resolves "127.0.0.1", and talks to what listens there.
  ("RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6"),
  ("SystemCallFilter", "@system-service"),
  ("SystemCallFilter", "~@privileged @resources"),
  ("SystemCallErrorNumber", "EPERM"),
]
