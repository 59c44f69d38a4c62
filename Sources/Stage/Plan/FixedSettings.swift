internal import GeneratorCore
internal import SystemCalls

/// A setting that a stage came up with, and that does not change while it is up; named as in an
/// environment file.
struct FixedSetting: Equatable, Sendable {
  let key: String
  /// On one line, and without a secret.
  let value: String

  init(_ key: String, _ value: String) {
    self.key = key
    self.value = value.isEmpty ? "-" : oneLine(value)
  }
}

private func oneLine(_ text: String) -> String {
  guard text.utf8.contains(where: { $0 < 0x20 }) else { return text }
  return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? "?" : $0 }))
}

private let credentialKey = "WIREGUARD_PRIVATE_KEY_CREDENTIAL"

/// What of an instance is fixed while `stage` is up; for the tunnel nothing when it has none.
func fixedSettings(of stage: StageName, _ instance: Instance) -> [FixedSetting] {
  let settings = instance.wireGuard
  switch stage {
  case .netns:
    return [
      FixedSetting("NETNS_NAME", instance.namespaceName),
      FixedSetting("ATTACH_UNITS", instance.confinement.units.joined(separator: " ")),
      FixedSetting("ATTACH_DBUS", instance.confinement.reachesDBus ? "yes" : "no"),
      FixedSetting("PUBLISH", instance.publications.map(\.description).joined(separator: ",")),
    ]
  case .wg:
    // Only systemd decrypts one, and only at a start.
    var credential = ""
    if case .encryptedCredential(let source) = settings.privateKey { credential = source }
    return [
      FixedSetting("WIREGUARD_NAME", settings.interfaceName),
      FixedSetting(credentialKey, credential),
      FixedSetting("WIREGUARD_USERSPACE", settings.userspaceProgram),
    ]
  case .tunnel:
    guard let tunnel = instance.tunnel else { return [] }
    let list = { (prefixes: [IPPrefix]?) in
      (prefixes ?? []).map(\.description).joined(separator: ",")
    }
    return [
      FixedSetting("TUNNEL_INIT_NAME", tunnel.hostInterface),
      FixedSetting("TUNNEL_VPN_NAME", tunnel.namespaceInterface),
      FixedSetting("TUNNEL_INIT_IP_ADDRESSES", list(tunnel.addresses?.host)),
      FixedSetting("TUNNEL_VPN_IP_ADDRESSES", list(tunnel.addresses?.namespace)),
      FixedSetting(
        "TUNNEL_PORT_FORWARDS",
        tunnel.portForwards.map { forward in
          "\(forward.interface):\(forward.port):\(forward.innerPort)/\(forward.transport.rawValue)"
        }.joined(separator: ",")),
    ]
  }
}

extension StateRecord {
  /// The value that the stage came up with; nil in the record of a version that noted none.
  func setting(_ key: String) -> String? { settings.first { $0.key == key }?.value }

  /// What is asked for and not so: `KEY= OLD→NEW`, in words.
  func differences(to settings: [FixedSetting]) -> [(key: String, words: String)] {
    settings.compactMap { wanted in
      guard let present = setting(wanted.key), present != wanted.value,
        // Where the kernel has WireGuard the program means nothing.
        wanted.key != "WIREGUARD_USERSPACE" || process != nil,
        !isLeftCredential(wanted)
      else { return nil }
      return (wanted.key, "\(wanted.key)= \(present)→\(wanted.value)")
    }
  }

  /// From a credential to a key that can be read: that is no more than another key.
  private func isLeftCredential(_ wanted: FixedSetting) -> Bool {
    wanted == FixedSetting(credentialKey, "")
  }

  /// Notes that the key is in no credential any more, where `settings` say so.
  mutating func leaveCredential(for settings: [FixedSetting]) {
    guard let wanted = settings.first(where: isLeftCredential) else { return }
    self.settings = self.settings.map { $0.key == credentialKey ? wanted : $0 }
  }
}
