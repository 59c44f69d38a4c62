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

  /// The addresses by endpoints as they print; none when for whatever reason they cannot be read.
  ///
  /// All at once: there can be thousands.
  func recall() -> [String: SocketAddress] { read() }

  /// Keeps an address for each endpoint, in the place of an earlier one.
  func keep(_ addresses: [(endpoint: Endpoint, address: SocketAddress)]) throws(SystemError) {
    let before = read()
    var known = before
    for (endpoint, address) in addresses { known[endpoint.description] = address }
    guard known != before else { return }
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
    guard let bytes = try? readFile(path, limit: StateRecord.sizeLimit) else { return [:] }
    var known: [String: SocketAddress] = [:]
    for line in RecordLine.lines(of: bytes) {
      let words = line.words
      guard words.count == 2, let address = SocketAddress(parsing: words[1]) else { continue }
      known[words[0]] = address
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
