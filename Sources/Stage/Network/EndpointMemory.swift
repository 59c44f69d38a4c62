package import GeneratorCore
package import SystemCalls

/// Where a peer's name led to when it last answered, so that a VPN can come up without a name server.
///
/// A file in /var/cache, a line for each endpoint that is a name; whoever removes it loses no more
/// than that.
struct EndpointMemory {
  private let directory: String
  private var path: String { "\(directory)/endpoints" }

  init(_ name: InstanceName, root: String = "") {
    directory = "\(root)/var/cache/\(packageName)/\(name)"
  }

  /// The address of `endpoint`; nil when there is none, or for whatever reason it cannot be read.
  func recall(_ endpoint: Endpoint) -> SocketAddress? { read()[endpoint.description] }

  /// Keeps `address` for `endpoint`, in the place of an earlier one.
  func keep(_ address: SocketAddress, for endpoint: Endpoint) throws(SystemError) {
    var known = read()
    guard known.updateValue(address, forKey: endpoint.description) != address else { return }
    let lines = known.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
    try makeDirectories(directory, mode: 0o755)
    try replaceFile(path, with: Array(lines.joined().utf8), mode: 0o644)
  }

  /// Removes what is kept.
  func forget() throws(SystemError) {
    try removeFile(path)
    try removeDirectoryIfEmpty(directory)
  }

  private func read() -> [String: SocketAddress] {
    guard let bytes = try? readFile(path, limit: 1 << 20) else { return [:] }
    var known: [String: SocketAddress] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 2, let address = SocketAddress(parsing: String(words[1])) else {
        continue
      }
      known[String(words[0])] = address
    }
    return known
  }
}

/// Removes what is remembered of a VPN that goes for good.
package func forgetEndpoints(of name: InstanceName) throws(SystemError) {
  try EndpointMemory(name).forget()
}

extension SocketAddress {
  /// Reads what `description` gives; nil for anything else.
  init?(parsing text: String) {
    guard let endpoint = try? Endpoint(parsing: text), case .address(let address) = endpoint.host
    else { return nil }
    self.init(address, port: endpoint.port)
  }
}
