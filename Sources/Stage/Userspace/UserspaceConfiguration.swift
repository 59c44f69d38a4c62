internal import Glibc
internal import Netlink
internal import SystemCalls

/// The text protocol by which user-space WireGuard is configured; see wireguard.com/xplatform.
enum UserspaceConfiguration {
  enum Request {
    /// Does what `WG_CMD_SET_DEVICE` would; its text holds keys.
    case set(WireGuardConfiguration)
    /// Does what `WG_CMD_GET_DEVICE` would; the answer holds keys.
    case get

    var text: String {
      switch self {
      case .set(let configuration): UserspaceConfiguration.set(configuration)
      case .get: "get=1\n\n"
      }
    }
  }

  private static func set(_ configuration: WireGuardConfiguration) -> String {
    var lines = ["set=1"]
    if let key = configuration.privateKey { lines.append("private_key=\(key.hexadecimal)") }
    if let port = configuration.listenPort { lines.append("listen_port=\(port)") }
    if let mark = configuration.fwMark { lines.append("fwmark=\(mark)") }
    if configuration.replacePeers { lines.append("replace_peers=true") }
    for peer in configuration.peers { lines += self.lines(peer) }
    return lines.map { $0 + "\n" }.joined() + "\n"
  }

  private static func lines(_ peer: WireGuardConfiguration.Peer) -> [String] {
    var lines = ["public_key=\(peer.publicKey.hexadecimal)"]
    if peer.remove { lines.append("remove=true") }
    if peer.updateOnly { lines.append("update_only=true") }
    if let key = peer.presharedKey { lines.append("preshared_key=\(key.hexadecimal)") }
    if let endpoint = peer.endpoint { lines.append("endpoint=\(endpoint)") }
    if let seconds = peer.persistentKeepalive {
      lines.append("persistent_keepalive_interval=\(seconds)")
    }
    if peer.replaceAllowedIPs { lines.append("replace_allowed_ips=true") }
    return lines + peer.allowedIPs.map { "allowed_ip=\($0)" }
  }

  /// Sends a request to the socket at `path` and returns the lines of the answer.
  ///
  /// Throws the errno that the program answered with.
  @discardableResult
  static func send(_ request: Request, to path: String) throws(SystemError) -> [Substring] {
    let socket = try connectStream(path)
    try socket.writeAll(Array(request.text.utf8), path)
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    // Two newlines end an answer; the program keeps the connection open.
    while !answer.suffix(2).elementsEqual([10, 10]) {
      guard waitReadable(socket.rawValue, milliseconds: 10_000) else {
        throw SystemError("read", path, errno: ETIMEDOUT)
      }
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        retryOnInterrupt { unsafe read(socket.rawValue, buffer.baseAddress, buffer.count) }
      }
      guard count > 0, answer.count < 1 << 26 else {
        throw SystemError("read", path, errno: count < 0 ? errno : EPROTO)
      }
      answer += chunk[..<count]
    }
    let lines = String(decoding: answer, as: UTF8.self).split(separator: "\n")
    let number = lines.compactMap { line in
      line.hasPrefix("errno=") ? Int32(line.dropFirst(6)) : nil
    }.last
    guard number == 0 else { throw SystemError("configure", path, errno: abs(number ?? EPROTO)) }
    return lines
  }
}

/// Connects a stream socket to a path, unix(7).
func connectStream(_ path: String) throws(SystemError) -> OwnedFileDescriptor {
  let descriptor = socket(
    AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  guard descriptor >= 0 else { throw SystemError("socket", path, errno: errno) }
  let socket = OwnedFileDescriptor(owning: descriptor)
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
    throw SystemError("connect", path, errno: ENAMETOOLONG)
  }
  unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
  let result = unsafe withUnsafePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  guard result == 0 else { throw SystemError("connect", path, errno: errno) }
  return socket
}
