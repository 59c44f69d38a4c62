internal import GeneratorCore
internal import Glibc
internal import SystemCalls
internal import SystemdBus

/// Why a command could not do its work, what to do about it, and the exit status.
package struct CommandFailure: Error, Equatable, CustomStringConvertible {
  package let description: String
  package let status: ExitStatus

  init(_ text: String, status: ExitStatus = .failure) {
    description = text
    self.status = status
  }

  static func noInstance(_ text: String, among names: [String]) -> CommandFailure {
    let hint =
      if let name = nearest(to: text, among: names) {
        "did you mean '\(name)'?"
      } else if names.isEmpty {
        "there is none at all; 'nswg add FILE' makes one of a provider's file"
      } else {
        "there are: \(names.joined(separator: ", "))"
      }
    return CommandFailure("there is no VPN \(quoted(text)); \(hint)", status: .unknownInstance)
  }

  init(_ error: DBusError) {
    let hint = error.isAccessDenied && geteuid() != 0 ? "; try again as root" : ""
    // D-Bus has whole sentences.
    let text = "\(error)"
    self.init("\(text.hasSuffix(".") ? String(text.dropLast()) : text)\(hint)")
  }

  init(_ error: SystemError) {
    let denied = error.number == EACCES || error.number == EPERM
    self.init("\(error)\(denied && geteuid() != 0 ? "; try again as root" : "")")
  }
}

/// What nswg(1) exits with, beside 0 and the status of a command that it ran.
package enum ExitStatus: Int32, Sendable {
  /// Something could not be done, or a check found something.
  case failure = 1
  /// `plan`: something would change.
  case changes = 2
  /// `status`: the VPN is not up; as systemctl(1) has it.
  case notUp = 3
  /// There is no such VPN; as systemctl(1) has it.
  case unknownInstance = 4
  /// The command line is wrong; EX_USAGE of sysexits.h(3head).
  case usage = 64
  /// `exec`: there is no such program; as a shell has it.
  case notFound = 127
  /// `exec`: the command did not run.
  case notRun = 125
}

/// The value of calls over D-Bus, or their failure as a `CommandFailure`.
func connected<Value>(
  _ call: () throws(DBusError) -> Value
) throws(CommandFailure) -> Value {
  do throws(DBusError) { return try call() } catch { throw CommandFailure(error) }
}

/// The value of system calls, or their failure as a `CommandFailure`.
func system<Value: ~Copyable>(
  _ call: @autoclosure () throws(SystemError) -> Value
) throws(CommandFailure) -> Value {
  do throws(SystemError) { return try call() } catch { throw CommandFailure(error) }
}
