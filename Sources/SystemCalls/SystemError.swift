internal import CLinux
internal import Glibc

/// A failed system call: which, on what, and why.
///
/// Prints as `open '/etc/x': Permission denied (EACCES)`.
package struct SystemError: Error, Equatable, CustomStringConvertible {
  package let call: String
  package let subject: String
  package let number: Int32

  package init(_ call: String, _ subject: String, errno number: Int32) {
    self.call = call
    self.subject = subject
    self.number = number
  }

  /// The same of what was meant by its name in a directory.
  package func about(_ subject: String) -> SystemError {
    SystemError(call, subject, errno: number)
  }

  /// Whether a file was larger than the caller would read.
  package var isTooLarge: Bool { number == EFBIG }
  /// Whether the file or object does not exist.
  package var isMissing: Bool { number == ENOENT }

  package var description: String {
    subject.isEmpty
      ? "\(call): \(errorText(number))" : "\(call) '\(subject)': \(errorText(number))"
  }
}

/// An errno in words and by name, `No such file or directory (ENOENT)`; see strerrorname_np(3).
package func errorText(_ number: Int32) -> String {
  guard let description = unsafe clinux_errno_description(number),
    let name = unsafe clinux_errno_name(number)
  else { return "error \(number)" }
  return unsafe "\(String(cString: description)) (\(String(cString: name)))"
}
