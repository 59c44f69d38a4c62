internal import GeneratorCore
internal import Glibc
internal import SystemCalls

/// Why a name has no address, in the resolver's words.
struct ResolutionError: Error, Equatable, CustomStringConvertible {
  let description: String
  /// Whether asking again may help: no name server has answered, as before the network is there.
  let isTemporary: Bool
}

/// Finds the addresses of an endpoint, in the namespace of the calling thread.
enum EndpointResolver {
  /// All addresses, at least one, in the order of preference that getaddrinfo(3) gives.
  static func resolve(_ endpoint: Endpoint) throws(ResolutionError) -> [SocketAddress] {
    switch endpoint.host {
    case .address(let address): return [SocketAddress(address, port: endpoint.port)]
    case .name(let name):
      let addresses = try lookUp(name)
      guard !addresses.isEmpty else {
        throw ResolutionError(
          description: "the endpoint '\(name)' has no address", isTemporary: false)
      }
      return addresses.map { SocketAddress($0, port: endpoint.port) }
    }
  }

  private static func lookUp(_ name: String) throws(ResolutionError) -> [IPAddress] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    let result = unsafe getaddrinfo(name, nil, &hints, &first)
    guard result == 0 else {
      let reason = unsafe String(cString: gai_strerror(result))
      throw ResolutionError(
        description: "the endpoint '\(name)' cannot be resolved: \(reason)",
        // EAI_NONAME and EAI_FAIL are answers; EAI_NODATA, an answer too, glibc does not declare.
        isTemporary: ![EAI_NONAME, EAI_FAIL, -5].contains(result))
    }
    defer { unsafe freeaddrinfo(first) }
    var addresses: [IPAddress] = []
    var entry = unsafe first
    while let info = unsafe entry {
      if let address = unsafe IPAddress(info.pointee), !addresses.contains(address) {
        addresses.append(address)
      }
      unsafe entry = info.pointee.ai_next
    }
    return addresses
  }
}

extension IPAddress {
  fileprivate init?(_ info: addrinfo) {
    guard let pointer = unsafe info.ai_addr else { return nil }
    switch unsafe info.ai_family {
    case AF_INET:
      let address = unsafe UnsafeRawPointer(pointer).load(as: sockaddr_in.self).sin_addr
      self.init(bytes: unsafe withUnsafeBytes(of: address) { unsafe Array($0) })
    case AF_INET6:
      let address = unsafe UnsafeRawPointer(pointer).load(as: sockaddr_in6.self).sin6_addr
      self.init(bytes: unsafe withUnsafeBytes(of: address) { unsafe Array($0) })
    default: return nil
    }
  }
}
