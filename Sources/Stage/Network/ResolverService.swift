internal import GeneratorCore
internal import Glibc
internal import SystemCalls

/// Name lookups by a process that may do nothing else.
///
/// What comes from the network is read without any privilege, and the units that look for peers with
/// several need no IP sockets. A connection is a question: the endpoint on a line; the answer is an
/// address a line, or `temporary` or `failed` and the reason.
enum ResolverService {
  /// namespaced-wireguard-vpn-resolve.socket listens there; systemd starts `nswg-stage resolve` for
  /// each connection.
  static let socketPath = "/run/namespaced-wireguard-vpn.resolve"

  /// Answers the question on standard input; false when there is none.
  static func answer() -> Bool {
    var question: [UInt8] = []
    var byte: UInt8 = 0
    while question.count < 512, unsafe Glibc.read(0, &byte, 1) == 1, byte != UInt8(ascii: "\n") {
      question.append(byte)
    }
    guard let endpoint = try? Endpoint(parsing: String(decoding: question, as: UTF8.self)) else {
      return false
    }
    do throws(ResolutionError) {
      let addresses = try EndpointResolver.resolve(endpoint)
      writeText(addresses.map { "\($0)\n" }.joined(), to: 1)
    } catch {
      writeText("\(error.isTemporary ? "temporary" : "failed") \(error)\n", to: 1)
    }
    return true
  }

  /// Asks the service; nil when nobody listens.
  static func ask(_ endpoint: Endpoint) throws(ResolutionError) -> [SocketAddress]? {
    let answer: [UInt8]
    do throws(SystemError) {
      let socket = try connectStream(socketPath)
      try socket.writeAll(Array("\(endpoint)\n".utf8), socketPath)
      answer = try socket.readAll(limit: 1 << 16, socketPath)
    } catch {
      if error.isMissing || error.number == ECONNREFUSED { return nil }
      throw ResolutionError(
        description: "the endpoint '\(endpoint)' cannot be resolved: \(error)", isTemporary: true)
    }
    return try read(String(decoding: answer, as: UTF8.self), endpoint)
  }

  /// Reads what `answer` wrote.
  static func read(
    _ answer: String, _ endpoint: Endpoint
  ) throws(ResolutionError) -> [SocketAddress] {
    let lines = answer.split(separator: "\n")
    let words = lines.first?.split(separator: " ", maxSplits: 1) ?? []
    if words.count == 2 {
      throw ResolutionError(
        description: String(words[1]), isTemporary: words[0] == "temporary")
    }
    let addresses = lines.compactMap { SocketAddress(parsing: String($0)) }
    guard !addresses.isEmpty, addresses.count == lines.count else {
      throw ResolutionError(
        description: "the endpoint '\(endpoint)' cannot be resolved: the lookup ended without an"
          + " answer", isTemporary: true)
    }
    return addresses
  }
}
