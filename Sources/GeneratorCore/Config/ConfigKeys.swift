// THE TABLE: one row per configuration key. A new key is a row here, a field in Config, a case
// folder below Tests/GeneratorCoreTests/Cases/, and a sentence in namespaced-wireguard-vpn.conf(5).

/// Where a key stands in the provider form.
///
/// The first two sections are wg-quick(8)'s, the others are ours.
package enum ProviderKey: Hashable, Sendable {
  case interface(String)
  case peer(String)
  case namespace(String)
  case tunnel(String)

  /// The section's name without brackets.
  package var section: String {
    switch self {
    case .interface: "Interface"
    case .peer: "Peer"
    case .namespace: "Namespace"
    case .tunnel: "Tunnel"
    }
  }

  package var name: String {
    switch self {
    case .interface(let name), .peer(let name), .namespace(let name), .tunnel(let name): name
    }
  }
}

/// A key: its spellings in both forms, whether its value may be shown, and how the value is read.
package struct ConfigKey: Sendable {
  /// The spelling in an environment file; nil for a key of the provider form only.
  package let name: String?
  /// Other spellings with the same meaning.
  package let aliases: [String]
  package let providerKey: ProviderKey
  /// Whether the value must never be printed.
  package let isSecret: Bool
  /// Whether several assignments add up, as in wg-quick(8) and wg(8); else the last one counts.
  let isList: Bool
  /// Reads the assignment's value into its field, or says what is wrong with it.
  let read: @Sendable (Assignment, inout Config) -> ValueFault?

  private init(
    _ name: String?, aliases: [String], _ providerKey: ProviderKey, secret: Bool, list: Bool,
    read: @escaping @Sendable (Assignment, inout Config) -> ValueFault?
  ) {
    self.name = name
    self.aliases = aliases
    self.providerKey = providerKey
    isSecret = secret
    isList = list
    self.read = read
  }

  /// Gives the field of a configuration to what is to change it.
  ///
  /// As a key path would, but that is made at run time, and thirty of them take longer than to read a
  /// file.
  typealias Field<Value: Sendable> =
    @Sendable (inout Config, (inout Located<Value>?) -> Void) -> Void

  /// A key of which the last assignment counts.
  init<Value: Sendable>(
    _ name: String?, aliases: [String] = [], _ providerKey: ProviderKey, secret: Bool = false,
    _ field: @escaping Field<Value>,
    _ parse: @escaping @Sendable (String) throws(ValueFault) -> Value
  ) {
    self.init(name, aliases: aliases, providerKey, secret: secret, list: false) {
      assignment, config in
      do throws(ValueFault) {
        let value = Located(
          value: try parse(assignment.value), key: assignment.key,
          location: assignment.valueLocation)
        field(&config) { $0 = value }
        return nil
      } catch { return error }
    }
  }

  /// A key whose assignments add up to one list; `empty` is what is wrong with one without items.
  init<Item: Sendable>(
    _ name: String?, _ providerKey: ProviderKey,
    list field: @escaping Field<[Located<Item>]>,
    empty: ValueFault? = nil,
    _ parse: @escaping @Sendable (Substring) throws(ValueFault) -> Item
  ) {
    self.init(name, aliases: [], providerKey, secret: false, list: true) { assignment, config in
      var items: [Located<Item>] = []
      for item in listItems(assignment.value) {
        do throws(ValueFault) {
          items.append(
            Located(
              value: try parse(item.text), key: assignment.key,
              location: assignment.places.location(of: item.offset)))
        } catch { return error.about(item) }
      }
      if items.isEmpty, let empty { return empty }
      field(&config) { list in
        if list == nil {
          list = Located(value: items, key: assignment.key, location: assignment.valueLocation)
        } else {
          list?.value += items
        }
      }
      return nil
    }
  }

  /// Every spelling in an environment file.
  package var spellings: [String] { (name.map { [$0] } ?? []) + aliases }

  /// Whether `key` is one of the spellings.
  func isSpelled(_ key: String) -> Bool {
    // Most differ in length already, which is quicker to see.
    if let name, name.utf8.count == key.utf8.count, name == key { return true }
    return !aliases.isEmpty && aliases.contains(key)
  }

  /// How a message names the key in a file of that form.
  package func label(in form: ConfigForm) -> String {
    switch (form, name) {
    case (.environment, .some(let name)): "\(name)="
    default: "\(providerKey.name)= in [\(providerKey.section)]"
    }
  }
}

extension ConfigKey {
  /// All keys, in the order of the manual page.
  package static let all: [ConfigKey] = [
    ConfigKey("NETNS_NAME", .namespace("Name"), { $1(&$0.namespaceName) }, parseNamespaceName),
    ConfigKey(
      "WIREGUARD_NAME", .namespace("Interface"), { $1(&$0.interfaceName) }, parseInterfaceName),
    ConfigKey(
      "WIREGUARD_PRIVATE_KEY", .interface("PrivateKey"), secret: true, { $1(&$0.privateKey) },
      parseKey),
    ConfigKey(
      "WIREGUARD_PRIVATE_KEY_FILE", .namespace("PrivateKeyFile"), { $1(&$0.privateKeyFile) },
      parseCredentialPath),
    ConfigKey(
      "WIREGUARD_PRIVATE_KEY_CREDENTIAL", .namespace("PrivateKeyCredential"),
      { $1(&$0.privateKeyCredential) }, parseCredential),
    ConfigKey("WIREGUARD_ENDPOINT", .peer("Endpoint"), { $1(&$0.peer.endpoint) }, parseEndpoint),
    ConfigKey(
      "WIREGUARD_VPN_PUBLIC_KEY", .peer("PublicKey"), secret: true, { $1(&$0.peer.publicKey) },
      parseKey),
    ConfigKey(
      "WIREGUARD_VPN_PPRESHARED_KEY",
      aliases: ["WIREGUARD_VPN_PRESHARED_KEY", "WIREGUARD_PRESHARED_KEY"],
      .peer("PresharedKey"), secret: true, { $1(&$0.peer.presharedKey) }, parsePresharedKey),
    ConfigKey(
      "WIREGUARD_ALLOWED_IPS", .peer("AllowedIPs"), list: { $1(&$0.peer.allowedIPs) },
      parseAllowedIP),
    ConfigKey("WIREGUARD_INITIAL_MTU", .interface("MTU"), { $1(&$0.mtu) }, parseMTU),
    ConfigKey("WIREGUARD_MTU_PROBE", .namespace("MTUProbe"), { $1(&$0.mtuProbe) }, parseMTUProbe),
    ConfigKey(
      "WIREGUARD_IP_ADDRESSES", .interface("Address"), list: { $1(&$0.addresses) },
      empty: .noAddress,
      parseAddress),
    ConfigKey("WIREGUARD_DNS", .interface("DNS"), list: { $1(&$0.dns) }, parseDNSEntry),
    ConfigKey(
      "WIREGUARD_PERSISTENT_KEEPALIVE", .peer("PersistentKeepalive"),
      { $1(&$0.peer.persistentKeepalive) }, parseKeepalive),
    ConfigKey(
      "WIREGUARD_LISTEN_PORT", .interface("ListenPort"), { $1(&$0.listenPort) }, parseListenPort),
    ConfigKey("WIREGUARD_FWMARK", .interface("FwMark"), { $1(&$0.fwMark) }, parseFwMark),
    ConfigKey(nil, .interface("Table"), { $1(&$0.routeTable) }, parseRouteTable),
    ConfigKey(
      "WIREGUARD_USERSPACE", .namespace("Userspace"), { $1(&$0.userspaceProgram) }, parseProgram),
    ConfigKey(
      "WIREGUARD_ONLINE_TIMEOUT", .namespace("OnlineTimeout"), { $1(&$0.onlineTimeout) },
      parseTimeout),
    ConfigKey(
      "WIREGUARD_HEALTH_CHECK", .namespace("HealthCheck"), { $1(&$0.healthCheck) }, parseSwitch),
    ConfigKey("TUNNEL_ENABLE", .tunnel("Enable"), { $1(&$0.tunnelEnable) }, parseSwitch),
    ConfigKey(
      "TUNNEL_INIT_NAME", .tunnel("HostInterface"), { $1(&$0.tunnelHostName) }, parseInterfaceName),
    ConfigKey(
      "TUNNEL_INIT_IP_ADDRESSES", .tunnel("HostAddress"), list: { $1(&$0.tunnelHostAddresses) },
      empty: .noAddress, parseAddress),
    ConfigKey(
      "TUNNEL_VPN_NAME", .tunnel("Interface"), { $1(&$0.tunnelNamespaceName) }, parseInterfaceName),
    ConfigKey(
      "TUNNEL_VPN_IP_ADDRESSES", .tunnel("Address"), list: { $1(&$0.tunnelNamespaceAddresses) },
      empty: .noAddress, parseAddress),
    ConfigKey(
      "TUNNEL_PORT_FORWARDS", .tunnel("PortForwards"), list: { $1(&$0.portForwards) },
      parsePortForward),
    ConfigKey("AUTOSTART", .namespace("Autostart"), { $1(&$0.autostart) }, parseSwitch),
    ConfigKey(
      "ATTACH_UNITS", .namespace("Units"), list: { $1(&$0.attachedUnits) }, parseAttachedUnit),
    ConfigKey("ATTACH_DBUS", .namespace("DBus"), { $1(&$0.attachDBus) }, parseSwitch),
    ConfigKey("PUBLISH", .namespace("Publish"), list: { $1(&$0.publications) }, parsePublication),
  ]
}
