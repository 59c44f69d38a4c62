internal import CSystemd
internal import SystemCalls

/// A call over D-Bus that failed: what it was for, and the other side's words.
///
/// Prints as `starting unit 'x.service' (StartUnit): Unit x.service not found.`
package struct DBusError: Error, Equatable, CustomStringConvertible {
  package let operation: String
  /// As `org.freedesktop.systemd1.NoSuchUnit`; nil for an error of our own side.
  package let name: String?
  package let reason: String

  init(_ operation: String, errno number: Int32) {
    self.operation = operation
    name = nil
    reason = errorText(number < 0 ? -number : number)
  }

  /// An answer that is none of what was asked for.
  init(_ operation: String, reason: String) {
    self.operation = operation
    name = nil
    self.reason = reason
  }

  init(_ operation: String, _ error: sd_bus_error, errno number: Int32) {
    self.operation = operation
    name = unsafe error.name.map { unsafe String(cString: $0) }
    reason = unsafe error.message.map { unsafe String(cString: $0) } ?? errorText(-number)
  }

  package var isAccessDenied: Bool {
    ["AccessDenied", "InteractiveAuthorizationRequired", "AuthFailed"].contains { end in
      name?.hasSuffix(".\(end)") ?? false
    }
  }

  package var isNoSuchUnit: Bool { name?.hasSuffix(".NoSuchUnit") ?? false }

  package var description: String { "\(operation): \(reason)" }
}
