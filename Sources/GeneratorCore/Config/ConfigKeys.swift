// THE TABLE: one row per configuration key. A new key is a row here, a field in Config, a case
// folder below Tests/GeneratorCoreTests/Cases/, and a sentence in namespaced-wireguard-vpn.conf(5).

/// A key of the environment-file form: its spellings, whether its value may be shown, and how the
/// value is read.
package struct ConfigKey: Sendable {
  /// The spelling for messages and the manual.
  package let name: String
  /// Other spellings with the same meaning.
  package let aliases: [String]
  /// Whether the value must never be printed.
  package let isSecret: Bool
  /// Reads the assignment's value into its field, or says what is wrong with it.
  let read: @Sendable (Assignment, inout Config) -> ValueFault?

  init<Value: Sendable>(
    _ name: String, aliases: [String] = [], secret: Bool = false,
    _ field: any WritableKeyPath<Config, Located<Value>?> & Sendable,
    _ parse: @escaping @Sendable (String) throws(ValueFault) -> Value
  ) {
    self.name = name
    self.aliases = aliases
    isSecret = secret
    read = { assignment, config in
      do throws(ValueFault) {
        config[keyPath: field] = Located(
          value: try parse(assignment.value), key: assignment.key,
          location: assignment.valueLocation)
        return nil
      } catch {
        return error
      }
    }
  }

  /// Every spelling.
  package var spellings: [String] { [name] + aliases }
}

extension ConfigKey {
  /// All keys, in the order of the manual page.
  package static let all: [ConfigKey] = [
    ConfigKey("NETNS_NAME", \.namespaceName, parseNamespaceName),
    ConfigKey("WIREGUARD_NAME", \.interfaceName, parseInterfaceName),
    ConfigKey("WIREGUARD_PRIVATE_KEY", secret: true, \.privateKey, parseKey),
    ConfigKey("WIREGUARD_PRIVATE_KEY_FILE", \.privateKeyFile, parseAbsolutePath),
    ConfigKey("WIREGUARD_PRIVATE_KEY_CREDENTIAL", \.privateKeyCredential, parseCredential),
    ConfigKey("WIREGUARD_ENDPOINT", \.endpoint, parseEndpoint),
    ConfigKey("WIREGUARD_VPN_PUBLIC_KEY", secret: true, \.peerPublicKey, parseKey),
    ConfigKey(
      "WIREGUARD_VPN_PPRESHARED_KEY",
      aliases: ["WIREGUARD_VPN_PRESHARED_KEY", "WIREGUARD_PRESHARED_KEY"],
      secret: true, \.presharedKey, parsePresharedKey),
    ConfigKey("WIREGUARD_ALLOWED_IPS", \.allowedIPs, parsePrefixes),
    ConfigKey("WIREGUARD_INITIAL_MTU", \.mtu, parseMTU),
    ConfigKey("WIREGUARD_IP_ADDRESSES", \.addresses, parseAddresses),
    ConfigKey("WIREGUARD_PERSISTENT_KEEPALIVE", \.persistentKeepalive, parseKeepalive),
    ConfigKey("WIREGUARD_LISTEN_PORT", \.listenPort, parsePort),
    ConfigKey("WIREGUARD_FWMARK", \.fwMark, parseFwMark),
    ConfigKey("WIREGUARD_USERSPACE", \.userspaceProgram, parseProgram),
    ConfigKey("TUNNEL_ENABLE", \.tunnelEnable, parseSwitch),
    ConfigKey("TUNNEL_INIT_NAME", \.tunnelHostName, parseInterfaceName),
    ConfigKey("TUNNEL_INIT_IP_ADDRESSES", \.tunnelHostAddresses, parseAddresses),
    ConfigKey("TUNNEL_VPN_NAME", \.tunnelNamespaceName, parseInterfaceName),
    ConfigKey("TUNNEL_VPN_IP_ADDRESSES", \.tunnelNamespaceAddresses, parseAddresses),
    ConfigKey("AUTOSTART", \.autostart, parseSwitch),
  ]

  /// Keys that are decided but not built yet.
  ///
  /// Each promises confinement or reachability, so a file that relies on one must not start
  /// without it: they are refused, not ignored.
  package static let notYetSupported = [
    "WIREGUARD_DNS", "ATTACH_UNITS", "TUNNEL_PORT_FORWARDS", "PUBLISH",
  ]
}
