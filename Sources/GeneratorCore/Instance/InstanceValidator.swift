internal import SystemCalls

/// Makes an `Instance` of a `Config`: required keys, rules across keys, defaults.
///
/// All faults of a file are found in one pass. Rules across files are in `TunnelSubnets`.
struct InstanceValidator {
  private let name: InstanceName
  private let path: String
  private let config: Config
  private let refusedKeys: [String]
  private(set) var diagnostics: [Diagnostic] = []

  init(file: ConfigFile, read: ReadConfig) {
    name = file.name
    path = file.path
    config = read.config
    refusedKeys = read.refusedKeys
  }

  /// Nil when the file has a fault that `diagnostics` then names.
  mutating func validate() -> Instance? {
    let privateKey = validatePrivateKey()
    let peer = validatePeer()
    let addresses = require(config.addresses, "WIREGUARD_IP_ADDRESSES")
    checkMTU()
    checkKeys()
    let interfaceName =
      config.interfaceName?.value ?? defaultInterfaceName("wg-", name.text, suffix: "")
    let tunnel = validateTunnel(beside: interfaceName)
    guard let privateKey, let peer, let addresses, !diagnostics.contains(where: \.isError) else {
      return nil
    }
    return Instance(
      name: name, path: path, namespaceName: config.namespaceName?.value ?? name.text,
      wireGuard: WireGuardSettings(
        interfaceName: interfaceName, privateKey: privateKey, addresses: addresses,
        mtu: config.mtu?.value, listenPort: config.listenPort?.value,
        fwMark: config.fwMark?.value, peers: [peer],
        userspaceProgram: config.userspaceProgram?.value ?? "wireguard-go"),
      tunnel: tunnel, autostart: config.autostart?.value ?? false)
  }

  private mutating func require<Value>(_ field: Located<Value>?, _ key: String) -> Value? {
    // A value that was refused has had its message.
    if field == nil && !refusedKeys.contains(key) { fail("\(key)= is missing") }
    return field?.value
  }

  private mutating func fail(_ text: String, at location: SourceLocation? = nil) {
    diagnostics.append(Diagnostic(.error, location ?? SourceLocation(path), text))
  }

  private mutating func validatePrivateKey() -> PrivateKeySource? {
    let sources: [(location: SourceLocation, key: String, source: PrivateKeySource)] = [
      config.privateKey.map { ($0.location, $0.key, .inline($0.value)) },
      config.privateKeyFile.map { ($0.location, $0.key, .file($0.value)) },
      config.privateKeyCredential.map { ($0.location, $0.key, .encryptedCredential($0.value)) },
    ].compactMap(\.self)
    guard let first = sources.first else {
      guard !refusedKeys.contains(where: { $0.hasPrefix("WIREGUARD_PRIVATE_KEY") }) else {
        return nil
      }
      fail(
        "WIREGUARD_PRIVATE_KEY= is missing, and so are WIREGUARD_PRIVATE_KEY_FILE= and"
          + " WIREGUARD_PRIVATE_KEY_CREDENTIAL=; one of them must be there")
      return nil
    }
    for other in sources.dropFirst() {
      fail(
        "\(other.key)= is a second private key beside \(first.key)=; keep one", at: other.location)
    }
    return first.source
  }

  private mutating func validatePeer() -> WireGuardPeer? {
    let publicKey = require(config.peerPublicKey, "WIREGUARD_VPN_PUBLIC_KEY")
    let endpoint = require(config.endpoint, "WIREGUARD_ENDPOINT")
    guard let publicKey, let endpoint else { return nil }
    return WireGuardPeer(
      publicKey: publicKey, presharedKey: config.presharedKey?.value ?? nil, endpoint: endpoint,
      allowedIPs: config.allowedIPs?.value ?? everything,
      persistentKeepalive: config.persistentKeepalive?.value ?? 0)
  }

  /// IPv6 wants 1280 bytes (RFC 8200); with less the kernel takes it off the interface, silently.
  private mutating func checkMTU() {
    guard let mtu = config.mtu, let bytes = mtu.value, bytes < 1280,
      config.addresses?.value.contains(where: { $0.family == .ipv6 }) ?? false
    else { return }
    fail(
      "\(mtu.key)=: '\(bytes)' is too small for the IPv6 address in WIREGUARD_IP_ADDRESSES=;"
        + " allowed: 1280 to 65535, or no IPv6 address",
      at: mtu.location)
  }

  private mutating func checkKeys() {
    guard let privateKey = config.privateKey, let publicKey = config.peerPublicKey,
      privateKey.value == publicKey.value
    else { return }
    fail(
      "\(publicKey.key)=: the value is the same as \(privateKey.key)=;"
        + " it must be the public key of the provider's server",
      at: publicKey.location)
  }

  private mutating func validateTunnel(beside interfaceName: String) -> TunnelSettings? {
    guard config.tunnelEnable?.value ?? true else { return nil }
    let namespaceInterface =
      config.tunnelNamespaceName?.value ?? defaultInterfaceName("veth-", name.text, suffix: "1")
    if namespaceInterface == interfaceName {
      let place = config.tunnelNamespaceName?.location ?? config.interfaceName?.location
      fail(
        "TUNNEL_VPN_NAME= and WIREGUARD_NAME= are both '\(interfaceName)', and both interfaces are"
          + " in the VPN's namespace; choose two names", at: place)
    }
    let hosts = config.tunnelHostAddresses
    let inner = config.tunnelNamespaceAddresses
    if let only = hosts ?? inner, hosts == nil || inner == nil {
      let other = hosts == nil ? "TUNNEL_INIT_IP_ADDRESSES" : "TUNNEL_VPN_IP_ADDRESSES"
      fail("\(only.key)= is set, \(other)= is not; set both or neither", at: only.location)
    }
    return TunnelSettings(
      hostInterface: config.tunnelHostName?.value
        ?? defaultInterfaceName("veth-", name.text, suffix: "0"),
      namespaceInterface: namespaceInterface,
      addresses: hosts.flatMap { hosts in
        inner.map { TunnelAddresses(host: hosts.value, namespace: $0.value) }
      })
  }
}

/// Every address of both families: the default for AllowedIPs.
private let everything: [IPPrefix] = ["0.0.0.0", "::"].compactMap { text in
  IPAddress(text).flatMap { IPPrefix($0, length: 0) }
}

/// `veth-work0`, or `veth-1a2b3c4d0` when that would pass the 15 bytes of IFNAMSIZ.
///
/// The prefixes ve-, vb-, vz- and ns- are systemd-networkd's, which would configure such
/// interfaces by itself (systemd.network(5)).
private func defaultInterfaceName(_ prefix: String, _ name: String, suffix: String) -> String {
  let plain = prefix + name + suffix
  guard plain.utf8.count > 15 else { return plain }
  let digits = String(stableHash(name), radix: 16)
  return prefix + String(repeating: "0", count: 8 - digits.utf8.count) + digits + suffix
}

/// FNV-1a with 32 bits: the same on every machine and in every release, unlike Swift's own.
func stableHash(_ text: String) -> UInt32 {
  text.utf8.reduce(2_166_136_261) { hash, byte in (hash ^ UInt32(byte)) &* 16_777_619 }
}
