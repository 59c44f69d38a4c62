internal import GeneratorCore
internal import Netlink
internal import SystemCalls

// What has to be found out before anything is touched.
extension WireGuardStage {
  /// Keys, addresses of endpoints and MTU, or what is wrong with them.
  ///
  /// `privateKey` is nil when the interface keeps its own; endpoints in `kept`, by public keys, are
  /// not looked up. With `patience`, in seconds, a name may stay unresolved.
  func findFacts(
    privateKey: WireGuardKey?, keeping kept: [[UInt8]: SocketAddress] = [:], patience: Int64 = 0
  ) throws(StageError) -> WireGuardFacts {
    if settings.peers.contains(where: { $0.publicKey == privateKey }) {
      throw StageError("WIREGUARD_VPN_PUBLIC_KEY= holds the private key")
    }
    let lookup = try EndpointLookup(memory, emit: emit)
    let end = secondsSinceBoot() + patience
    var endpoints: [SocketAddress?] = []
    for peer in settings.peers {
      guard let endpoint = peer.endpoint else {
        endpoints.append(nil)
        continue
      }
      if let present = kept[peer.publicKey.bytes] {
        endpoints.append(present)
      } else {
        endpoints.append(try choose(endpoint, with: lookup, until: end, mustHave: patience == 0))
      }
    }
    let mtu = try findMTU(endpoints.compactMap(\.self))
    return WireGuardFacts(privateKey: privateKey, endpoints: endpoints, mtu: mtu)
  }

  /// The best address; nil, unless one is a must, when there has been no name server to resolve the
  /// name until `end`, in seconds since boot.
  private func choose(
    _ endpoint: Endpoint, with lookup: borrowing EndpointLookup, until end: Int64, mustHave: Bool
  ) throws(StageError) -> SocketAddress? {
    let best: SocketAddress?
    do throws(ResolutionError) {
      best = try lookup.find(endpoint, mark: settings.fwMark, until: end).first
    } catch {
      // The namespace is as safe without; its timer goes on asking.
      guard error.isTemporary, !mustHave else { throw StageError(error.description) }
      warn("\(error); coming up without it, and asking again while the VPN is up")
      return nil
    }
    if let best, !lookup.hasRoute(to: best, mark: settings.fwMark) {
      warn("there is no route to the endpoint \(best) yet")
    }
    return best
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
  private func findMTU(_ endpoints: [SocketAddress]) throws(StageError) -> UInt32 {
    let socket = try netlink(try NetlinkSocket(.route))
    let inner = PathMTU.inner(to: endpoints, mark: settings.fwMark, over: socket)
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
    emit(.entry(.warning, .caution, text))
  }
}
