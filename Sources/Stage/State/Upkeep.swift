internal import SystemCalls

/// What it takes to look after a WireGuard interface that is up, without its file.
struct Upkeep: Equatable, Sendable {
  /// The peers' endpoints as the file had them: a peer may be elsewhere by now, and rightly so.
  var endpoints: [ConfiguredEndpoint] = []
  /// Nil when any port will do.
  var listenPort: UInt16?
  /// Whether the MTU is to follow the path to the endpoint.
  var hasAutomaticMTU = false
  /// Whether a timer looks after the endpoints; it is started with the interface.
  var isTimed = false
  /// How long to wait for a first handshake, in seconds.
  var onlineTimeout: Int64 = 60
  /// When handshakes took place.
  var clock = HandshakeClock()
}

/// Where the file says that a peer is.
struct ConfiguredEndpoint: Equatable, Sendable {
  /// 32 bytes.
  let publicKey: [UInt8]
  /// As `Endpoint` prints it.
  let text: String
  /// Seconds; 0 is off.
  let persistentKeepalive: UInt16
}

// The lines of the record.
extension Upkeep {
  var lines: [String] {
    var lines = endpoints.map {
      "endpoint \($0.publicKey.hexadecimal) \($0.text) \($0.persistentKeepalive)"
    }
    if let listenPort { lines.append("listen-port \(listenPort)") }
    if hasAutomaticMTU { lines.append("automatic-mtu") }
    if isTimed { lines.append("timed") }
    if onlineTimeout != Upkeep().onlineTimeout { lines.append("online-timeout \(onlineTimeout)") }
    if let offset = clock.offset { lines.append("clock \(offset)") }
    lines += clock.sightings.map {
      "handshake \($0.publicKey.hexadecimal) \($0.since1970) \($0.sinceBoot)"
    }
    return lines
  }

  /// Takes one of `lines`, split at its blanks; false for any other.
  mutating func take(_ words: [String]) -> Bool {
    switch (words.first, words.count) {
    case ("endpoint", 3...):
      guard let key = [UInt8](hexadecimal: words[1]) else { return false }
      let keepalive = words.count > 3 ? UInt16(words[3]) ?? 0 : 0
      endpoints.append(
        ConfiguredEndpoint(publicKey: key, text: words[2], persistentKeepalive: keepalive))
    case ("listen-port", 2): listenPort = UInt16(words[1])
    case ("automatic-mtu", 1): hasAutomaticMTU = true
    case ("timed", 1): isTimed = true
    case ("online-timeout", 2): onlineTimeout = seconds(words[1]) ?? onlineTimeout
    case ("clock", 2): clock.offset = seconds(words[1])
    case ("handshake", 4):
      guard let key = [UInt8](hexadecimal: words[1]), let since1970 = seconds(words[2]),
        let sinceBoot = seconds(words[3])
      else { return false }
      clock.sightings.append(
        .init(publicKey: key, since1970: since1970, sinceBoot: sinceBoot))
    default: return false
    }
    return true
  }
}

/// Nil for what no clock shows: sums of two must not overflow.
private func seconds(_ text: String) -> Int64? {
  Int64(text).flatMap { $0.magnitude < 1 << 40 ? $0 : nil }
}
