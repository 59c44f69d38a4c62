internal import SystemCalls

/// Makes an `Instance` of a `Config`: required keys, rules across keys, defaults.
///
/// All faults of a file are found in one pass. Rules across files are in `InstanceClashes`.
struct InstanceValidator {
  let name: InstanceName
  private let path: String
  private let access: FileAccess
  let config: Config
  private let refusedKeys: [ProviderKey]
  private(set) var diagnostics: [Diagnostic] = []

  init(file: ConfigFile, read: ReadConfig, access: FileAccess) {
    name = file.name
    path = file.path
    self.access = access
    config = read.config
    refusedKeys = read.refusedKeys
  }

  /// Nil when the file has a fault that `diagnostics` then names.
  mutating func validate() -> Instance? {
    let privateKey = validatePrivateKey()
    let peers = validatePeers()
    let addresses = require(config.addresses, .interface("Address"), unless: refusedKeys)
    for field in [config.addresses, config.tunnelHostAddresses, config.tunnelNamespaceAddresses] {
      checkRepeated(field, "address") { $0.address }
    }
    checkMTU()
    checkDNS(peers)
    checkConfinement()
    let interfaceName =
      config.interfaceName?.value ?? defaultInterfaceName("wg-", name.text, suffix: "")
    let tunnel = validateTunnel(beside: interfaceName)
    guard let privateKey, let addresses, !diagnostics.contains(where: \.isError) else {
      return nil
    }
    return Instance(
      name: name, path: path, access: access,
      confinement: Confinement(config, name: name),
      wireGuard: WireGuardSettings(
        interfaceName: interfaceName, privateKey: privateKey,
        addresses: addresses.map(\.value),
        mtu: config.mtu?.value, mtuProbe: config.mtuProbe?.value ?? .off,
        listenPort: config.listenPort?.value,
        fwMark: config.fwMark?.value, routeTable: config.routeTable?.value ?? .automatic,
        dns: config.dns?.value.map(\.value) ?? [], peers: peers,
        userspaceProgram: config.userspaceProgram?.value ?? "wireguard-go",
        onlineTimeout: config.onlineTimeout?.value ?? 60,
        hasHealthCheck: config.healthCheck?.value ?? false),
      tunnel: tunnel, publications: (config.publications?.value ?? []).map(\.value),
      autostart: config.autostart?.value ?? false)
  }

  /// How messages name a key in a file of this form.
  func label(_ key: ProviderKey) -> String { config.label(key) }

  /// The value of a key that must be there; one that was refused has had its message.
  mutating func require<Value>(
    _ field: Located<Value>?, _ key: ProviderKey, unless refused: [ProviderKey],
    at location: SourceLocation? = nil
  ) -> Value? {
    if field == nil && !refused.contains(key) { fail("\(label(key)) is missing", at: location) }
    return field?.value
  }

  mutating func fail(_ text: String, at location: SourceLocation? = nil) {
    diagnostics.append(Diagnostic(.error, location ?? SourceLocation(path), text))
  }

  mutating func warn(_ text: String, at location: SourceLocation) {
    diagnostics.append(Diagnostic(.warning, location, text))
  }

  private mutating func validatePrivateKey() -> PrivateKeySource? {
    var found: (key: String, source: PrivateKeySource)?
    func take<Value>(_ field: Located<Value>?, _ source: (Value) -> PrivateKeySource) {
      guard let field else { return }
      if let found {
        fail(
          "\(field.key)= is a second private key beside \(found.key)=; keep one",
          at: field.location)
      } else {
        found = (field.key, source(field.value))
      }
    }
    take(config.privateKey) { .inline($0) }
    take(config.privateKeyFile) { .file($0) }
    take(config.privateKeyCredential) { .encryptedCredential($0) }
    if found == nil { reportMissingPrivateKey() }
    return found?.source
  }

  private mutating func reportMissingPrivateKey() {
    let places: [ProviderKey] = [
      .interface("PrivateKey"), .namespace("PrivateKeyFile"), .namespace("PrivateKeyCredential"),
    ]
    guard !places.contains(where: refusedKeys.contains) else { return }
    fail(
      "\(label(places[0])) is missing, and so are \(label(places[1])) and"
        + " \(label(places[2])); one of them must be there")
  }

  mutating func checkRepeated<Item, Key: Hashable>(
    _ list: LocatedList<Item>?, _ what: String, by key: (Item) -> Key
  ) {
    guard let list, list.value.count > 1 else { return }
    // Lists can have thousands of elements: no comparing each with each.
    var lines: [Key: Int] = [:]
    for item in list.value {
      let key = key(item.value)
      if let line = lines[key] {
        fail(
          "\(item.key)=: '\(key)' is there before, in line \(line); allowed: each \(what) once",
          at: item.location)
      } else {
        lines[key] = item.location.line
      }
    }
  }

  /// IPv6 wants 1280 bytes (RFC 8200); with less the kernel takes it off the interface, silently.
  private mutating func checkMTU() {
    guard let mtu = config.mtu, let bytes = mtu.value, bytes < 1280,
      config.addresses?.value.contains(where: { $0.value.family == .ipv6 }) ?? false
    else { return }
    fail(
      "\(mtu.key)=: '\(bytes)' is too small for the IPv6 address in"
        + " \(label(.interface("Address"))); allowed: 1280 to 65535, or no IPv6 address",
      at: mtu.location)
  }

  /// A server that no peer may carry packets to would never answer.
  private mutating func checkDNS(_ peers: [WireGuardPeer]) {
    guard let dns = config.dns, !peers.isEmpty,
      !config.peers.contains(where: { $0.refusedKeys.contains(.peer("AllowedIPs")) })
    else { return }
    let allowed = NetworkSet(peers.flatMap(\.allowedIPs))
    for entry in dns.value {
      guard case .server(let address) = entry.value, !allowed.covers(address) else { continue }
      fail(
        "\(entry.key)=: the server \(address) is in none of the networks of"
          + " \(label(.peer("AllowedIPs"))), so no question could reach it; add"
          + " \(address)/\(address.family.bits) there",
        at: entry.location)
    }
  }
}

/// `veth-work0`, or `veth-1a2b3c4d0` when that would pass the 15 bytes of IFNAMSIZ.
///
/// The prefixes ve-, vb-, vz- and ns- are systemd-networkd's, which would configure such
/// interfaces by itself (systemd.network(5)).
func defaultInterfaceName(_ prefix: String, _ name: String, suffix: String) -> String {
  let plain = prefix + name + suffix
  guard plain.utf8.count > 15 else { return plain }
  let digits = String(stableHash(name), radix: 16)
  return prefix + String(repeating: "0", count: 8 - digits.utf8.count) + digits + suffix
}

/// FNV-1a with 32 bits: the same on every machine and in every release, unlike Swift's own.
func stableHash(_ text: String) -> UInt32 {
  text.utf8.reduce(2_166_136_261) { hash, byte in (hash ^ UInt32(byte)) &* 16_777_619 }
}
