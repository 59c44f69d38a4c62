internal import CJournal
internal import CLinux
package import GeneratorCore
internal import Glibc
internal import SystemCalls

/// Where `main` passes events on to: systemd, or a person at a terminal.
package enum Journal {
  /// The sink for one run of the stage; `stage` is a word for the journal's fields.
  package static func sink(instance: InstanceName?, stage: String) -> EventSink {
    { event in
      switch event {
      case .status(let text): notify("STATUS=\(oneLine(text))\n")
      case .extendTimeout(let seconds): notify("EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000)\n")
      case .entry(let entry):
        if !isConnected || !send(entry, instance: instance, stage: stage) {
          writeText("nswg-stage: \(entry.text)\n", to: 2)
        }
      }
    }
  }

  /// Tells the service manager that started us, if one did; sd_notify(3).
  private static func notify(_ state: String) {
    // Asked here, too, lest the library is loaded for nothing.
    guard environmentVariable("NOTIFY_SOCKET") != nil else { return }
    _ = unsafe cjournal_notify(state)
  }

  /// Whether standard error leads to the journal: not when a person reads it.
  ///
  /// The variable alone does not tell: a script that is a service hands it down, and may have
  /// redirected us. systemd.exec(5) says to compare.
  static var isConnected: Bool {
    guard let stream = environmentVariable("JOURNAL_STREAM"),
      let identity = ((try? fileStatus("/proc/self/fd/2")) ?? nil)?.identity
    else { return false }
    return stream == "\(identity.device):\(identity.inode)"
  }

  /// One entry with fields of its own; see sd_journal_sendv(3).
  ///
  /// `systemctl status` leaves out what came before the time that a unit began, and systemd takes
  /// that time when it has forked: a guard without a sandbox around it has found its fault by then.
  /// So the reason of a failure waits for it.
  private static func send(
    _ entry: JournalEntry, instance: InstanceName?, stage: String
  ) -> Bool {
    var fields = [
      "MESSAGE=\(entry.text)", "PRIORITY=\(entry.priority.rawValue)",
      "MESSAGE_ID=\(entry.kind.rawValue)", "SYSLOG_IDENTIFIER=nswg-stage",
      "NSWG_STAGE=\(stage)",
    ]
    if let instance {
      // The second field shows the entry in the status of the target, too: that is what people
      // start, and of a dependency that failed systemd says there no more than its name.
      fields += ["NSWG_INSTANCE=\(instance)", "OBJECT_SYSTEMD_UNIT=\(instance.target)"]
    }
    // journald finds the unit out by itself only while this process is there, and that is not for
    // long; by this field `systemctl status` shows the entry all the same, systemd.journal-fields(7).
    if let unit { fields.append("OBJECT_SYSTEMD_UNIT=\(unit)") }
    if entry.priority == .error { sleep(milliseconds: 20) }
    let bytes = fields.map { Array($0.utf8) }
    return unsafe withVectors(bytes[...], []) { vectors in
      unsafe cjournal_send(vectors, Int32(vectors.count)) == 0
    }
  }

  /// The unit that this process is part of; nil when systemd did not start it.
  private static var unit: String? {
    var name: UnsafeMutablePointer<CChar>?
    guard unsafe cjournal_unit(&name) >= 0, let name = unsafe name else { return nil }
    defer { unsafe free(name) }
    return unsafe String(cString: name)
  }

  private static func oneLine(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "\n")) else { return text }
    return text.split(separator: "\n").joined(separator: " ")
  }

  /// Calls `body` with an iovec for each of `fields`, all valid while it runs.
  private static func withVectors(
    _ fields: ArraySlice<[UInt8]>, _ vectors: [iovec], _ body: ([iovec]) -> Bool
  ) -> Bool {
    guard let field = fields.first else { return unsafe body(vectors) }
    return unsafe field.withUnsafeBytes { buffer in
      let vector = unsafe iovec(
        iov_base: UnsafeMutableRawPointer(mutating: buffer.baseAddress), iov_len: buffer.count)
      return unsafe withVectors(fields.dropFirst(), vectors + [vector], body)
    }
  }
}
