/// Something a stage has to say while it works, as a value; only `main` passes it on.
package enum StageEvent: Equatable, Sendable {
  /// What is going on now, for `systemctl status` (`STATUS=`, sd_notify(3)).
  case status(String)
  /// An entry for the journal.
  case entry(JournalEntry)
  /// The start may take that much longer from now on (`EXTEND_TIMEOUT_USEC=`, sd_notify(3)).
  case extendTimeout(seconds: Int)

  static func entry(
    _ priority: JournalEntry.Priority, _ kind: JournalEntry.Kind, _ text: String
  ) -> StageEvent {
    .entry(JournalEntry(priority, kind, text))
  }
}

/// A journal entry; see systemd.journal-fields(7).
package struct JournalEntry: Equatable, Sendable {
  package enum Priority: Int, Sendable {
    case error = 3
    case warning = 4
    case notice = 5
    case information = 6
  }

  /// What kind of entry, for `journalctl MESSAGE_ID=…`; see sd-id128(3).
  ///
  /// Each has an entry in catalog/namespaced-wireguard-vpn.catalog, for `journalctl -x`.
  package enum Kind: String, CaseIterable, Sendable {
    case up = "3f0ab0a65b3f4b0f9d8e2a37a5c1e0d1"
    case down = "b8d2c7c9e6f04f35a0f7f7d0f0b1a9c2"
    case handshake = "6a0d9d3c5f1e4b7a92c8d4e0b3f7a615"
    case noHandshake = "c27d80f3b9164e58a1d6f2e40b7c935a"
    case reload = "2c6e0b1a7d9f4c53a8b4e1f07d3a96c5"
    case incompleteReload = "0d21c4ca1ad5486b8ffe1fe82a414f0b"
    case outside = "4b77e095e419428d9b4a4f27d35ac387"
    case failure = "7c1f6f0e6c2d4c7f8e4b0c9a1d5e3fb3"
    case refusal = "e2a54d9b7d314a6f93c6b8f0d7c25ea4"
    case userspace = "5d9c0b7e1f8a4e2cb6a3d4f5e6071825"
    case mtu = "6b1c52f0e8ad4d7c9f35b0a7c4e2d918"
    case caution = "91b7e3f2c4d84b6aa5f0c1d2e3f40596"
  }

  package let priority: Priority
  package let kind: Kind
  package let text: String

  package init(_ priority: Priority, _ kind: Kind, _ text: String) {
    self.priority = priority
    self.kind = kind
    self.text = text
  }
}

/// Takes what a stage has to say.
package typealias EventSink = (StageEvent) -> Void
