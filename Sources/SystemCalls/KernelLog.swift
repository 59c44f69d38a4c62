internal import Glibc

/// Writes one line to the kernel's log, see /dev/kmsg in the kernel's ABI documentation.
///
/// systemd drops a generator's standard error, and at boot there is no journal yet. Priorities are
/// those of syslog(3). Returns false when there is no kernel log to write to, as in a container.
package func logToKernel(_ text: String, priority: Int, program: String) -> Bool {
  guard let log = try? OwnedFileDescriptor.open("/dev/kmsg", O_WRONLY | O_NOCTTY) else {
    return false
  }
  // The kernel refuses records over 1 kB (LOG_LINE_MAX) and reads one write as one record.
  let line = "<\(priority)>\(program): \(text)".utf8.prefix(900)
  return (try? log.writeAll(Array(line), "/dev/kmsg")) != nil
}

/// Writes to standard output (1) or standard error (2); there is nobody to tell when that fails.
package func writeText(_ text: String, to standardDescriptor: Int32) {
  writeBytes(Array(text.utf8), to: standardDescriptor)
}

/// Writes all of `bytes`, or as many as are taken.
package func writeBytes(_ bytes: [UInt8], to descriptor: Int32) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = unsafe rest.withUnsafeBytes {
      unsafe write(descriptor, $0.baseAddress, $0.count)
    }
    guard count > 0 else { return }
    rest = rest.dropFirst(count)
  }
}

/// Ends the process, exit(3).
package func exitProcess(_ status: Int32) -> Never {
  exit(status)
}
