internal import GeneratorCore
internal import Netlink
internal import SystemCalls

/// THE FLOW: configuration → desired state → operations → kernel.
package struct StageRunner {
  private let emit: EventSink
  private let directories: ConfigDirectories
  private let root: String
  private let stateRoot: String

  /// `root` is prepended to the directories of configuration and state.
  package init(root: String = "", emit: @escaping EventSink) {
    self.root = root
    directories = ConfigDirectories(root: root)
    stateRoot = "\(root)/run/namespaced-wireguard-vpn"
    self.emit = emit
  }

  /// Runs a command; returns the exit status, having said why it is not zero.
  package func run(_ command: StageCommand) -> Int32 {
    do throws(StageError) {
      switch command {
      case .up(let stage, let name, let subnet): try up(stage, name, subnet: subnet)
      case .down(let stage, let name): try down(stage, name)
      case .reload(let name): return try reload(name)
      case .online(let name): try online(name)
      case .endpoint(let name): try findEndpoints(name)
      case .resolve: return ResolverService.answer() ? 0 : 1
      case .refuse(_, let messages): return refuse(messages)
      case .missing(let name): return refuse([missingText(name)])
      case .assert(let name): try assertInside(name, stateRoot: stateRoot)
      case .mtu(let name, let address): return try measureMTU(name, address)
      case .check(let paths): return check(paths)
      }
      return 0
    } catch {
      let text = "\(describe(command)): \(error)"
      emit(.status(text))
      switch command {
      case .assert:
        emit(.entry(.error, .outside, text))
        // As ExecCondition= only 255 fails a unit, less skips it, systemd.service(5).
        return 255
      case .online, .endpoint: emit(.entry(.error, .noHandshake, text))
      default: emit(.entry(.error, .failure, text))
      }
      return 1
    }
  }

  private func describe(_ command: StageCommand) -> String {
    switch command {
    case .up(let stage, let name, _): "\(stage.rawValue) up '\(name)'"
    case .down(let stage, let name): "\(stage.rawValue) down '\(name)'"
    case .reload(let name): "wg reload '\(name)'"
    case .online(let name): "online '\(name)'"
    case .endpoint(let name): "endpoint '\(name)'"
    case .resolve: "resolve"
    case .refuse(let name, _), .missing(let name): "'\(name)'"
    case .assert(let name): "guard of '\(name)'"
    case .mtu(let name, _): "mtu '\(name)'"
    case .check: "check"
    }
  }

  /// Reports every message of every file; a warning counts, too.
  private func check(_ paths: [String]) -> Int32 {
    let diagnostics = checkFiles(paths).flatMap(\.diagnostics)
    for diagnostic in diagnostics {
      let isError = diagnostic.isError
      emit(
        .entry(
          isError ? .error : .warning, isError ? .refusal : .caution, diagnostic.description))
    }
    return diagnostics.isEmpty ? 0 : 1
  }

  private func refuse(_ messages: [String]) -> Int32 {
    emit(.status(messages.joined(separator: "; ")))
    for message in messages { emit(.entry(.error, .refusal, message)) }
    return 1
  }

  private func missingText(_ name: InstanceName) -> String {
    if let path = directories.findMask(name) {
      return "the VPN '\(name)' is masked: '\(path)' is a link to /dev/null"
    }
    if let file = directories.find(name) {
      return "'\(file.path)' is there, but systemd has not read it yet: run systemctl daemon-reload"
    }
    return "there is no VPN '\(name)': create '\(ConfigDirectories.preferredPath(name))'"
      + " and run systemctl daemon-reload"
  }

  // MARK: up

  private func up(_ stage: StageName, _ name: InstanceName, subnet: IPPrefix?) throws(StageError) {
    emit(.status("reading the configuration"))
    let instance = try loadValid(name)
    let done = try withState(name) { (state) throws(StageError) in
      switch stage {
      case .netns: try NetnsStage(instance, emit: emit).up(state)
      case .wg: try WireGuardStage(instance, memory: memory(of: name), emit: emit).up(state)
      case .tunnel: try TunnelStage(instance, subnet: subnet, emit: emit).up(state)
      }
    }
    emit(.status(done))
    emit(.entry(.information, .up, done))
  }

  /// The instance, from the credential that systemd passes or else from its file; `isReload` to take
  /// no credential, which is that of the start.
  private func loadValid(
    _ name: InstanceName, isReload: Bool = false
  ) throws(StageError) -> Instance {
    guard let file = directories.find(name) else { throw StageError(missingText(name)) }
    let loaded = loadInstance(file, readingFrom: isReload ? nil : credentialPath("config"))
    guard let instance = loaded.instance else {
      throw StageError(
        loaded.diagnostics.filter(\.isError).map(\.description).joined(separator: "\n"))
    }
    for diagnostic in loaded.diagnostics {
      emit(.entry(.warning, .caution, diagnostic.description))
    }
    return instance
  }

  // MARK: reload

  /// Fails when not all could be done, for who asked for it must know; the rest is done.
  private func reload(_ name: InstanceName) throws(StageError) -> Int32 {
    let instance: Instance
    do throws(StageError) { instance = try loadValid(name, isReload: true) } catch {
      throw StageError("nothing has changed: \(error)")
    }
    let result = try withState(name) { (state) throws(StageError) in
      try WireGuardReload(instance, memory: memory(of: name), emit: emit).perform(state)
    }
    let changes = result.changes.joined(separator: ", ")
    let done = "reloaded: \(changes.isEmpty ? "nothing has changed" : changes)"
    emit(.entry(.information, .reload, done))
    guard !result.refused.isEmpty else {
      emit(.status("\(result.interface); \(done)"))
      return 0
    }
    let refused =
      "does not change while it is up, so run systemctl daemon-reload, and then: "
      + result.refused.joined(separator: "; ")
    emit(.status("\(result.interface); \(done); \(refused)"))
    emit(
      .entry(.error, .incompleteReload, "\(describe(.reload(name))): \(refused)"))
    return 1
  }

  // MARK: handshakes

  private func handshakes(_ name: InstanceName) -> HandshakeStage {
    HandshakeStage(name: name, stateRoot: stateRoot, memory: memory(of: name), emit: emit)
  }

  private func online(_ name: InstanceName) throws(StageError) {
    let done = try handshakes(name).awaitHandshake()
    emit(.status(done))
    emit(.entry(.information, .handshake, done))
  }

  /// Says something only when something was amiss: it runs twice a minute.
  private func findEndpoints(_ name: InstanceName) throws(StageError) {
    guard let done = try handshakes(name).findLostPeers() else { return }
    emit(.status(done))
    emit(.entry(.notice, .handshake, done))
  }

  // MARK: mtu

  /// Returns 1 when less passes than the interface takes.
  private func measureMTU(_ name: InstanceName, _ address: IPAddress?) throws(StageError) -> Int32 {
    let stage = WireGuardStage(
      try loadValid(name, isReload: true), memory: memory(of: name), emit: emit)
    // Measuring takes its time, and who stops the VPN meanwhile is not to wait for it.
    let running = try withState(name) { (state) throws(StageError) in
      try RunningInterface(of: name, state)
    }
    let report = try stage.measureMTU(to: address, through: running)
    let advice =
      report.isWhole ? "" : report.largest.map { "; set WIREGUARD_INITIAL_MTU=\($0)" } ?? ""
    emit(
      .entry(report.isWhole ? .information : .warning, .mtu, report.words + advice))
    return report.isWhole ? 0 : 1
  }

  // MARK: down

  private func down(_ stage: StageName, _ name: InstanceName) throws(StageError) {
    let wasUp = try withState(name) { (state) throws(StageError) in
      let wasUp = try takeDown(stage, of: name, state)
      try system(try state.removeIfEmpty())
      return wasUp
    }
    guard wasUp else { return }
    emit(.entry(.information, .down, "\(stage.rawValue) of '\(name)' is down"))
  }

  private func memory(of name: InstanceName) -> EndpointMemory { EndpointMemory(name, root: root) }

  private func withState<Result: ~Copyable>(
    _ name: InstanceName, _ body: (borrowing StateDirectory) throws(StageError) -> Result
  ) throws(StageError) -> Result {
    try StateDirectory.with(name, root: stateRoot, body)
  }
}

/// A credential of the unit, systemd.exec(5); nil when there is none of that name.
func credentialPath(_ name: String) -> String? {
  guard let directory = environmentVariable("CREDENTIALS_DIRECTORY") else { return nil }
  let path = "\(directory)/\(name)"
  return ((try? fileStatus(path)) ?? nil).map { _ in path }
}
