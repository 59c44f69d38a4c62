internal import CLinux
internal import Glibc
internal import SystemCalls

/// A process that cannot be mistaken for a later one with the same number.
struct ProcessIdentity: Equatable, Sendable {
  let number: Int32
  /// Clock ticks since boot, field 22 of /proc/PID/stat; see proc(5).
  let startTime: UInt64

  init(number: Int32, startTime: UInt64) {
    self.number = number
    self.startTime = startTime
  }

  /// Nil when there is no such process.
  init?(running number: Int32) throws(SystemError) {
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try readFile("/proc/\(number)/stat", limit: 4096) } catch {
      // ESRCH: it ended between open(2) and read(2).
      guard error.isMissing || error.number == ESRCH else { throw error }
      return nil
    }
    // The second field is the program's name in parentheses, which may hold blanks.
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[end...].split(separator: " ")
    guard fields.count > 20, let startTime = UInt64(fields[20]) else { return nil }
    self.init(number: number, startTime: startTime)
  }
}

/// A program like wireguard-go that serves one interface, for kernels without WireGuard.
///
/// It is started in the host's namespace, so its UDP socket is there; its TUN interface is moved
/// and renamed afterwards. It goes on as part of the unit's control group.
struct UserspaceProcess: Equatable, Sendable {
  /// The name it was started with: unique on the host, and the name of its socket for good.
  let interfaceName: String
  let identity: ProcessIdentity

  /// Where it is configured, see wireguard.com/xplatform.
  var socketPath: String { "/run/wireguard/\(interfaceName).sock" }

  var isRunning: Bool {
    get throws(SystemError) {
      try ProcessIdentity(running: identity.number) == identity && !isZombie
    }
  }

  /// Our own child is still listed when it has ended; waitpid(2) takes it off the list.
  private var isZombie: Bool {
    var status: Int32 = 0
    return unsafe waitpid(identity.number, &status, WNOHANG) == identity.number
  }

  /// Ends the process, by force after two seconds, and returns when it and its socket are gone.
  func stop() throws(SystemError) {
    try end()
    // Killed, it could not remove its socket. Another's may have the name by now.
    do throws(SystemError) { _ = try connectStream(socketPath) } catch {
      guard !error.isMissing else { return }
      guard error.number == ECONNREFUSED else { throw error }
      try removeFile(socketPath)
    }
  }

  private func end() throws(SystemError) {
    let descriptor = clinux_pidfd_open(identity.number)
    // EINVAL: the number is now a thread's.
    if [-ESRCH, -EINVAL].contains(descriptor) { return }
    guard descriptor >= 0 else {
      throw SystemError("pidfd_open", interfaceName, errno: -descriptor)
    }
    let process = OwnedFileDescriptor(owning: descriptor)
    // The number may have been given to another process before pidfd_open(2).
    guard try ProcessIdentity(running: identity.number) == identity else { return }
    for signal in [SIGTERM, SIGKILL] {
      let result = clinux_pidfd_send_signal(process.rawValue, signal)
      guard result != -ESRCH else { return }
      guard result == 0 else { throw SystemError("kill", interfaceName, errno: -result) }
      if waitReadable(process.rawValue, milliseconds: 2000) { return }
    }
    throw SystemError("kill", interfaceName, errno: ETIMEDOUT)
  }
}

/// A process that has not begun to run its program, so that it can be recorded before it does.
///
/// It ends by itself when this goes, or whoever holds it dies, without having let it go.
struct HeldProcess: ~Copyable {
  let process: UserspaceProcess
  private let program: String
  private let gate: OwnedFileDescriptor

  /// Prepares `program` in the foreground mode of wireguard-go.
  ///
  /// Its messages go where ours go when that is the journal. Otherwise nowhere: it outlives us, and
  /// would keep open the pipe that somebody reads our output from.
  init(_ program: String, interfaceName: String) throws(SystemError) {
    var descriptor: Int32 = -1
    let number = unsafe clinux_spawn_held(
      program, "-f", interfaceName, Journal.isConnected ? 0 : 1, &descriptor)
    guard number > 0 else { throw SystemError("fork", program, errno: -number) }
    let gate = OwnedFileDescriptor(owning: descriptor)
    guard let identity = try ProcessIdentity(running: number) else {
      throw SystemError("fork", program, errno: ESRCH)
    }
    process = UserspaceProcess(interfaceName: interfaceName, identity: identity)
    self.program = program
    self.gate = gate
  }

  /// Throws `ENOENT` when there is no such program in `PATH`.
  consuming func letGo() throws(SystemError) {
    let result = clinux_let_go(gate.rawValue)
    guard result == 0 else { throw SystemError("exec", program, errno: -result) }
  }
}

/// Whether `descriptor` became readable in time, poll(2); a pidfd does when its process ends.
func waitReadable(_ descriptor: Int32, milliseconds: Int32) -> Bool {
  var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  return retryOnInterrupt { unsafe poll(&request, 1, milliseconds) } > 0
}
