internal import Glibc
internal import SystemCalls
internal import SystemdBus

/// Follows the unit of a command until it has ended, and carries what is typed and printed.
struct CommandSession: ~Copyable {
  private let manager: ServiceManager
  private let unit: String
  private let terminal: PseudoTerminal?
  private let signals: SignalDescriptor
  private var objectPath = ""
  private var job: String?
  private var isInputOpen = true

  /// `terminal` is the command's; without one it uses the caller's streams itself.
  init(
    _ manager: ServiceManager, unit: String, terminal: PseudoTerminal?
  ) throws(CommandFailure) {
    self.manager = manager
    self.unit = unit
    self.terminal = terminal
    signals = try system(try SignalDescriptor([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH]))
  }

  /// Starts the command and returns its exit status, 128 and the signal's number when one ended it.
  mutating func run(_ properties: [TransientProperty]) throws(CommandFailure) -> Int32 {
    let (manager, unit) = (manager, unit)
    (job, objectPath) = try connected { () throws(DBusError) in
      try manager.subscribe()
      let job = try manager.startTransient(unit, properties)
      return (job, try manager.load(unit))
    }
    let rawMode = terminal == nil ? nil : RawMode()
    defer { withExtendedLifetime(rawMode) {} }
    while true {
      if let status = try finished() {
        carryOutput()
        return status
      }
      waitAndCarry()
    }
  }

  /// The exit status, once there is one.
  private mutating func finished() throws(CommandFailure) -> Int32? {
    let (manager, path) = (manager, objectPath)
    var result: String?
    var isChanged = job == nil
    while let signal = try connected({ () throws(DBusError) in try manager.bus.nextSignal() }) {
      if signal.member == "JobRemoved", signal.arguments.count > 3,
        signal.arguments[1].text == job
      {
        result = signal.arguments[3].text
        job = nil
        isChanged = true
      }
      if signal.path == path { isChanged = true }
    }
    guard job == nil, isChanged || result != nil else { return nil }
    let properties = try connected { () throws(DBusError) in try manager.properties(of: path) }
    if let result, result != "done" { throw notRun(properties, job: result) }
    guard ["inactive", "failed"].contains(properties["ActiveState"]?.text) else { return nil }
    return try status(properties)
  }

  /// CLD_EXITED and its relatives, waitid(2).
  private func status(_ properties: [String: DBusValue]) throws(CommandFailure) -> Int32 {
    let number = Int32(clamping: properties["ExecMainStatus"]?.number ?? 0)
    switch properties["ExecMainCode"]?.number {
    case 1: return number
    case 2, 3: return 128 + number
    default: throw notRun(properties, job: "done")
    }
  }

  /// Exit statuses of systemd itself are in systemd.exec(5), "Process Exit Codes".
  private func notRun(_ properties: [String: DBusValue], job: String) -> CommandFailure {
    let reason: String
    // The guard comes first, so it is the guard that fails where systemd cannot set a process up.
    let statuses =
      ["ExecCondition", "ExecStartPre"].compactMap { name in
        properties[name]?.elements.first?.elements.last?.number
      } + [properties["ExecMainStatus"]?.number ?? 0]
    switch (job, statuses.first { $0 != 0 }) {
    case ("dependency", _): reason = "the namespace's unit did not start"
    case (_, 200): reason = "its user may not enter the directory; try again from another, as /"
    case (_, 203): reason = "the program cannot be run"
    case (_, 216): reason = "its user's group is not there"
    case (_, 217): reason = "there is no such user"
    case (_, 225): reason = "systemd could not enter the namespace"
    case (_, 226): reason = "systemd could not lay out its files: is the VPN up?"
    case (_, 255): reason = "the guard refused: it would not have been inside"
    default: reason = "systemd says \(properties["Result"]?.text ?? job)"
    }
    return CommandFailure(
      "the command did not run: \(reason); journalctl --unit \(unit) says more", status: .notRun)
  }

  // MARK: what is typed and printed

  private mutating func waitAndCarry() {
    let controller = terminal?.controller.rawValue ?? -1
    var requests = [
      pollfd(fd: manager.bus.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: signals.descriptor.rawValue, events: Int16(POLLIN), revents: 0),
      pollfd(fd: controller, events: Int16(POLLIN), revents: 0),
      pollfd(fd: controller >= 0 && isInputOpen ? 0 : -1, events: Int16(POLLIN), revents: 0),
    ]
    // A signal of systemd's can have come in while an answer was waited for.
    guard unsafe poll(&requests, nfds_t(requests.count), 250) > 0 else { return }
    while let number = signals.next() { take(signal: number) }
    if requests[2].revents != 0 { carryOutput() }
    if requests[3].revents != 0 { carryInput(to: controller) }
  }

  private func take(signal: Int32) {
    if signal == SIGWINCH {
      terminal?.copySize()
    } else {
      try? manager.kill(unit, signal: signal)
    }
  }

  private mutating func carryInput(to controller: Int32) {
    let bytes = readSome(0)
    isInputOpen = !bytes.isEmpty
    writeBytes(bytes, to: controller)
  }

  /// All that has been printed so far.
  private func carryOutput() {
    guard let descriptor = terminal?.controller.rawValue else { return }
    while true {
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&request, 1, 0) > 0, request.revents & Int16(POLLIN) != 0 else { return }
      let bytes = readSome(descriptor)
      guard !bytes.isEmpty else { return }
      writeBytes(bytes, to: 1)
    }
  }

  private func readSome(_ descriptor: Int32) -> [UInt8] {
    var chunk = [UInt8](repeating: 0, count: 16384)
    let count = unsafe chunk.withUnsafeMutableBytes { buffer in
      retryOnInterrupt { unsafe read(descriptor, buffer.baseAddress, buffer.count) }
    }
    return Array(chunk.prefix(max(count, 0)))
  }
}
