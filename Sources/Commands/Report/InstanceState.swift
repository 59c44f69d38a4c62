internal import GeneratorCore
internal import Stage
internal import SystemCalls

/// An instance's state in a word.
package enum InstanceState: String, Sendable {
  case up
  /// Some units run that should not run alone.
  case partial
  case starting
  case stopping
  case failed
  /// Nothing runs, and could not: the file has a fault.
  case faulty
  case down

  package var words: String {
    switch self {
    case .partial: "partly up"
    case .faulty: "bad file"
    default: rawValue
    }
  }
}

extension InstanceReport {
  package var state: InstanceState {
    let stages = StageName.allCases.compactMap { unit($0) }
    let states = stages.map(\.active)
    if states.contains("failed") { return .failed }
    if states.contains("activating") { return .starting }
    if states.contains("deactivating") { return .stopping }
    let active = StageName.allCases.filter { unit($0)?.isActive ?? false }
    guard !active.isEmpty else { return faults.isEmpty ? .down : .faulty }
    let isComplete =
      active.contains(.netns) && active.contains(.wg)
      && (instance?.tunnel == nil || active.contains(.tunnel))
    return isComplete ? .up : .partial
  }

  /// Seconds since the last handshake with any peer; nil when there was none, or none is known.
  package var handshakeAge: Int64? {
    (observed.wireGuard?.peers ?? []).compactMap(\.lastHandshake).max().map { max(time - $0, 0) }
  }

  /// Whether the peers could be read, so that no handshake means that there was none.
  package var isHandshakeKnown: Bool { observed.wireGuard?.peers != nil }

  package var receivedBytes: UInt64? {
    observed.wireGuard?.peers?.reduce(0) { $0 &+ $1.receivedBytes }
  }

  package var transmittedBytes: UInt64? {
    observed.wireGuard?.peers?.reduce(0) { $0 &+ $1.transmittedBytes }
  }

  /// Where the VPN is reached: what WireGuard uses now, or what the file or the record says.
  package var endpoints: [String] {
    let present = (observed.wireGuard?.peers ?? []).compactMap(\.endpoint).map(\.description)
    if !present.isEmpty { return present }
    let configured = (instance?.wireGuard.peers ?? []).compactMap(\.endpoint).map(\.description)
    if !configured.isEmpty { return configured }
    return (observed.wireGuard?.configuredEndpoints.values.sorted()) ?? []
  }

  /// What went wrong last, and what to do about it; nil when nothing did.
  package var problem: (text: String, remedy: String)? {
    if let fault = faults.first {
      let start = state == .faulty ? "start" : "restart"
      return (
        fault,
        "mend the file, then: systemctl daemon-reload && systemctl \(start) \(name.target)"
      )
    }
    guard let unit = units.first(where: { $0.active == "failed" }) else { return nil }
    let said = unit.statusText.isEmpty ? "its result is '\(unit.result)'" : unit.statusText
    return (
      "\(unit.name): \(said)",
      "journalctl --unit \(unit.name) has the whole story; then: systemctl restart \(name.target)"
    )
  }

  /// What is to be done so that it is up: about what went wrong, or else to start it.
  package var remedy: String {
    guard let problem else { return "start it with: systemctl start \(name.target)" }
    return "\(problem.text); \(problem.remedy)"
  }
}
