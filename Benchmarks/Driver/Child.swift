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
final class Child {
  private let path: String
  private let argv: CStrings
  private let environment: CStrings

  /// Words before the program that hold an `=` are variables of its environment, as for sh(1).
  init(_ words: [String]) throws {
    let variables = words.prefix { $0.contains("=") }
    guard words.count > variables.count else { throw BenchError("no command") }
    path = try findProgram(words[variables.count])
    argv = CStrings(words.dropFirst(variables.count))
    environment = CStrings(variables + inheritedEnvironment())
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
    let failure = unsafe posix_spawn(
      &process, path, &actions, nil, argv.pointers, environment.pointers)
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

/// Strings as exec(3) takes them: pointers with a null at the end.
@safe
private final class CStrings {
  let pointers: [UnsafeMutablePointer<CChar>?]

  init(_ strings: some Sequence<String>) {
    unsafe pointers = strings.map { unsafe strdup($0) } + [nil]
  }

  deinit {
    for index in unsafe pointers.indices { unsafe free(pointers[index]) }
  }
}

/// Our own environment, environ(7).
private func inheritedEnvironment() -> [String] {
  var variables: [String] = []
  var next = unsafe environ
  while let variable = unsafe next.pointee {
    unsafe variables.append(String(cString: variable))
    unsafe next += 1
  }
  return variables
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
