internal import GeneratorCore
internal import Netlink
internal import SystemCalls

// What has to be found out before anything is touched.
extension WireGuardStage {
  /// `privateKey` is nil when the interface keeps its own; endpoints in `kept`, by public keys, are
  /// not looked up.
  func findFacts(
    privateKey: WireGuardKey?, keeping kept: [[UInt8]: SocketAddress] = [:]
  ) throws(StageError) -> WireGuardFacts {
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
      if let present = kept[peer.publicKey.bytes] {
        endpoints.append(present)
      } else {
        endpoints.append(try choose(endpoint, over: socket))
      }
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

  func findPrivateKey() throws(StageError) -> WireGuardKey {
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
    return try readKey(path)
  }

  /// The key that the file names now: credentials are those of the start.
  ///
  /// Nil for an encrypted one, which only systemd decrypts, and only then.
  func findChangedKey() throws(StageError) -> WireGuardKey? {
    switch settings.privateKey {
    case .inline(let key): key
    case .file(let path): try readKey(path)
    case .encryptedCredential: nil
    }
  }

  private func readKey(_ path: String) throws(StageError) -> WireGuardKey {
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

  func warn(_ text: String) {
    emit(.entry(JournalEntry(.warning, .caution, text)))
  }
}
