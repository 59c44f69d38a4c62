internal import GeneratorCore
internal import Netlink
internal import SystemCalls

/// Makes the WireGuard interface inside the namespace, with its UDP socket on the host.
struct WireGuardStage {
  private let instance: Instance
  private let emit: EventSink

  init(_ instance: Instance, emit: @escaping EventSink) {
    self.instance = instance
    self.emit = emit
  }

  private var settings: WireGuardSettings { instance.wireGuard }

  /// Returns what is up now, in words.
  func up(_ state: borrowing StateDirectory) throws(StageError) -> String {
    // Everything that can be wrong with the file is found before anything is touched.
    let facts = try findFacts()
    let reference = try recordedNamespace(of: instance.name, state)
    let namespace = try openNamespace(reference)
    try takeDown(.wg, of: instance.name, state)
    var executor = try KernelExecutor(
      namespace: namespace, userspaceProgram: settings.userspaceProgram)
    try refuseForeign(settings.interfaceName, .inside, executor, key: "WIREGUARD_NAME")
    emit(.status("making the interface \(settings.interfaceName)"))
    warnUnroutedFamilies()
    try bringUp(
      .wg, of: instance.name, StagePlanner(instance).planWireGuard(facts),
      under: StateRecord(namespace: reference), with: &executor, state)
    return describe(facts, isUserspace: executor.userspace != nil)
  }

  private func describe(_ facts: WireGuardFacts, isUserspace: Bool) -> String {
    let program = settings.userspaceProgram
    let backend = isUserspace ? "\(program), for the kernel has no WireGuard" : "kernel WireGuard"
    if isUserspace {
      emit(
        .entry(
          JournalEntry(
            .notice, .userspace,
            "the kernel has no WireGuard; '\(program)' serves \(settings.interfaceName)")))
    }
    let endpoints = facts.endpoints.compactMap(\.self).map(\.description).joined(separator: ", ")
    return "interface \(settings.interfaceName) is up in namespace \(instance.namespaceName);"
      + " endpoint \(endpoints), MTU \(facts.mtu); \(backend)"
  }

  private func warnUnroutedFamilies() {
    for family in [AddressFamily.ipv4, .ipv6] where !settings.has(family) {
      guard settings.peers.contains(where: { $0.allowedIPs.contains { $0.family == family } })
      else { continue }
      emit(
        .entry(
          JournalEntry(
            .notice, .caution,
            "no \(family.name) address is configured, so there is no \(family.name) route into"
              + " the tunnel; \(family.name) goes nowhere in this namespace")))
    }
  }

  // MARK: what has to be found out first

  private func findFacts() throws(StageError) -> WireGuardFacts {
    let privateKey = try findPrivateKey()
    if settings.peers.contains(where: { $0.publicKey == privateKey }) {
      throw StageError("WIREGUARD_VPN_PUBLIC_KEY= holds the private key")
    }
    let socket = try netlink(try NetlinkSocket(.route))
    var endpoints: [SocketAddress?] = []
    for peer in settings.peers {
      guard let endpoint = peer.endpoint else {
        endpoints.append(nil)
        continue
      }
      endpoints.append(try choose(endpoint, over: socket))
    }
    let mtu = findMTU(endpoints.compactMap(\.self), over: socket)
    return WireGuardFacts(privateKey: privateKey, endpoints: endpoints, mtu: mtu)
  }

  /// The first address with a route, or else the first.
  private func choose(
    _ endpoint: Endpoint, over socket: borrowing NetlinkSocket
  ) throws(StageError) -> SocketAddress? {
    if endpoint.isName { emit(.status("resolving \(endpoint)")) }
    let candidates = try EndpointResolver.resolve(endpoint)
    for candidate in candidates where isReachable(candidate, over: socket) { return candidate }
    if let first = candidates.first { warn("there is no route to the endpoint \(first) yet") }
    return candidates.first
  }

  private func isReachable(
    _ endpoint: SocketAddress, over socket: borrowing NetlinkSocket
  ) -> Bool {
    (try? socket.route(to: endpoint.address, mark: settings.fwMark)) != nil
  }

  private func findPrivateKey() throws(StageError) -> WireGuardKey {
    let path: String
    switch settings.privateKey {
    case .inline(let key): return key
    case .file(let file): path = credentialPath("private-key") ?? file
    case .encryptedCredential:
      guard let credential = credentialPath("private-key") else {
        throw StageError(
          "WIREGUARD_PRIVATE_KEY_CREDENTIAL= is decrypted by systemd only;"
            + " start \(instance.name.service(.wg))")
      }
      path = credential
    }
    let bytes = try system(try readFile(path, limit: 4096))
    let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    do throws(ValueFault) { return try WireGuardKey(base64: words.joined(separator: " ")) } catch {
      throw StageError("the private key in its file or credential \(error)")
    }
  }

  /// The configured MTU, or the largest that fits the path to every endpoint.
  private func findMTU(
    _ endpoints: [SocketAddress], over socket: borrowing NetlinkSocket
  ) -> UInt32 {
    var inner: UInt32?
    for endpoint in endpoints {
      let path = PathMTU.inner(to: endpoint, mark: settings.fwMark, over: socket)
      inner = [inner, path].compactMap(\.self).min()
    }
    guard let configured = settings.mtu.map(UInt32.init) else {
      return PathMTU.automatic(inner: inner, hasIPv6: settings.has(.ipv6))
    }
    if let inner, configured > inner {
      warn(
        "WIREGUARD_INITIAL_MTU=: '\(configured)' is more than the path to the endpoint takes;"
          + " at most \(inner) fits without fragments")
    }
    return configured
  }

  private func warn(_ text: String) {
    emit(.entry(JournalEntry(.warning, .caution, text)))
  }
}
