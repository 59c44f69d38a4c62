internal import SystemCalls

/// The services of one instance that run the stages, as text.
struct StageServices {
  private let units: UnitNames
  private let name: String
  /// The path of `nswg-stage`.
  private let stage: String
  private let isCrowded: Bool

  /// With `isCrowded` a file becomes a credential only where it has to.
  init(_ units: UnitNames, stage: String, isCrowded: Bool = false) {
    self.units = units
    self.isCrowded = isCrowded
    name = units.instance.text
    self.stage = stage
  }

  func netns(_ instance: Instance) -> UnitText {
    var unit = UnitText(
      of: units, from: instance.path, "network namespace ", instance.namespaceName)
    unit.section("Service")
    unit.add(startLines(of: .netns))
    addUp(.netns, instance, to: &unit)
    return unit
  }

  func wg(_ instance: Instance) -> UnitText {
    let wireGuard = instance.wireGuard
    var unit = UnitText(
      of: units, from: instance.path, "WireGuard interface ", wireGuard.interfaceName)
    addNamespaceDependency(to: &unit)
    if wireGuard.peers.contains(where: { $0.endpoint?.isName ?? false }) {
      unit.setting("Wants", "network-online.target")
      unit.setting("After", "network-online.target nss-lookup.target")
    }
    unit.section("Service")
    unit.add(startLines(of: .wg))
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
    unit.command("ExecReload", ["+" + stage, "wg", "reload", name])
    return unit
  }

  func tunnel(_ instance: Instance, subnet: IPPrefix?) -> UnitText {
    var unit = UnitText(
      of: units, from: instance.path, "tunnel between the host and the namespace")
    addNamespaceDependency(to: &unit)
    unit.section("Service")
    unit.add(startLines(of: .tunnel))
    // A forward may have to switch on forwarding between interfaces of the host, a sysctl.
    let isForwarding = !(instance.tunnel?.portForwards ?? []).isEmpty
    if !isForwarding { unit.setting("ProtectKernelTunables", "yes") }
    addUp(.tunnel, instance, extra: subnet.map { ["--subnet", $0.description] } ?? [], to: &unit)
    return unit
  }

  /// A service that fails at a start, with the words of `start`, and can be stopped all the same.
  func addStopOnly(
    _ kind: StageName, isSkipped: Bool = false, start: [String],
    to unit: inout UnitText
  ) {
    unit.section("Service")
    unit.add(stopLines(of: kind))
    if kind == .netns {
      unit.comment("PrivateNetwork=: it makes no namespace, it takes one away.")
    }
    if isSkipped { unit.command("ExecCondition", [stage] + start) }
    unit.command("ExecStart", [stage] + start)
    // Whoever reloads what still runs is to read the same.
    if kind == .wg { unit.command("ExecReload", [stage] + start) }
    addDown(kind, to: &unit)
  }

  func addNamespaceDependency(to unit: inout UnitText) {
    let namespace = units.service(.netns)
    unit.setting("Requires", namespace)
    unit.setting("After", namespace)
  }

  private func addUp(
    _ kind: StageName, _ instance: Instance, extra: [String] = [], to unit: inout UnitText
  ) {
    // As credential it is readable in any sandbox, and of one state for the whole start. (Not as
    // StandardInput=file: where it cannot be one: ExecStopPost= would have that, too, and without
    // the file nothing would be taken down.)
    if instance.access == .credential || instance.access == .either && !isCrowded {
      unit.setting("LoadCredential", parts: "config:", instance.path)
    }
    unit.command(
      "ExecStart", [stage, kind.rawValue, "up", name] + extra)
    addDown(kind, to: &unit)
  }

  /// ExecStopPost= runs after a failed start, too; and it needs neither file nor key.
  private func addDown(_ kind: StageName, to unit: inout UnitText) {
    unit.command("ExecStopPost", [stage, kind.rawValue, "down", name])
  }
}
