internal import Glibc
internal import SystemCalls

/// What a process that has ended took.
struct Cost {
  /// From just before posix_spawn(3) until wait4(2) returned.
  let wallNanoseconds: Int64
  /// In user and kernel mode, of the process and those it waited for; getrusage(2).
  let cpuMicroseconds: Int64
  /// What wait(2) calls the status: 0 is success.
  let status: Int32
}

/// A program and its arguments, made ready so that starting it costs nothing but the start.
@safe
final class Child {
  private let path: String
  private var argv: [UnsafeMutablePointer<CChar>?]

  init(_ words: [String]) throws {
    guard let name = words.first else { throw BenchError("no command") }
    path = try findProgram(name)
    unsafe argv = words.map { unsafe strdup($0) } + [nil]
  }

  deinit {
    for index in unsafe argv.indices { unsafe free(argv[index]) }
  }

  /// Runs it to its end; what it says goes to /dev/null.
  func run() throws -> Cost {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for descriptor: Int32 in 0...2 {
      unsafe posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    var process = pid_t()
    var status: Int32 = 0
    var usage = rusage()
    let begin = monotonicNanoseconds()
    let failure = unsafe posix_spawn(&process, path, &actions, nil, argv, environ)
    guard failure == 0 else { throw SystemError("posix_spawn", path, errno: failure) }
    while unsafe wait4(process, &status, 0, &usage) == -1 {
      guard errno == EINTR else { throw SystemError("wait4", path, errno: errno) }
    }
    let end = monotonicNanoseconds()
    return Cost(
      wallNanoseconds: end - begin,
      cpuMicroseconds: microseconds(usage.ru_utime) + microseconds(usage.ru_stime),
      status: status)
  }
}

/// Where `name` is in `PATH`, looked up once: a shell's search is no part of what is timed.
private func findProgram(_ name: String) throws -> String {
  if name.contains("/") { return name }
  let path = environmentVariable("PATH") ?? "/usr/bin:/bin"
  for directory in path.split(separator: ":") {
    let candidate = "\(directory)/\(name)"
    if unsafe access(candidate, X_OK) == 0 { return candidate }
  }
  throw BenchError("no program \(name) in PATH")
}

private func microseconds(_ time: timeval) -> Int64 {
  Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_usec)
}

private func monotonicNanoseconds() -> Int64 {
  var time = timespec()
  _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
