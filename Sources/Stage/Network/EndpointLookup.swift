internal import GeneratorCore
internal import Netlink
internal import SystemCalls

/// Where peers are to be looked for, in the host's namespace.
struct EndpointLookup: ~Copyable {
  private let remembered: [String: SocketAddress]
  private let socket: NetlinkSocket
  private let emit: EventSink

  /// In the namespace of the calling thread.
  init(_ memory: EndpointMemory, emit: @escaping EventSink) throws(StageError) {
    remembered = memory.recall()
    self.emit = emit
    socket = try netlink(try NetlinkSocket(.route))
  }

  /// The addresses of an endpoint, at least one, best first: the one that answered last, then the
  /// resolver's order, and behind them those without a route.
  ///
  /// A name server that does not answer is asked again until `end`, in seconds since boot; then the
  /// remembered address has to do, or the last error is thrown. `mark` is of the encrypted packets.
  func find(
    _ endpoint: Endpoint, mark: UInt32?, until end: Int64 = 0
  ) throws(ResolutionError) -> [SocketAddress] {
    let remembered = endpoint.isName ? remembered[endpoint.description] : nil
    var addresses: [SocketAddress]
    do throws(ResolutionError) { addresses = try resolve(endpoint, until: end) } catch {
      guard let remembered else { throw error }
      emit(.entry(.warning, .caution, "\(error); taking \(remembered), where it last answered"))
      return [remembered]
    }
    if let remembered, let index = addresses.firstIndex(of: remembered) {
      addresses.insert(addresses.remove(at: index), at: 0)
    }
    let reachable = addresses.filter { hasRoute(to: $0, mark: mark) }
    return reachable + addresses.filter { !reachable.contains($0) }
  }

  /// Whether the host knows a way to the address.
  func hasRoute(to address: SocketAddress, mark: UInt32?) -> Bool {
    (try? socket.route(to: address.address, mark: mark)) != nil
  }

  private func resolve(
    _ endpoint: Endpoint, until end: Int64
  ) throws(ResolutionError) -> [SocketAddress] {
    guard endpoint.isName else { return try EndpointResolver.resolve(endpoint) }
    emit(.status("resolving \(endpoint)"))
    while true {
      // What the resolver itself may take, resolv.conf(5): 5 s for each of 3 servers, twice.
      emit(.extendTimeout(seconds: 40))
      do throws(ResolutionError) {
        if let addresses = try ResolverService.ask(endpoint) { return addresses }
        return try EndpointResolver.resolve(endpoint)
      } catch {
        guard error.isTemporary, secondsSinceBoot() < end else { throw error }
        emit(.status("\(error); trying again for up to \(end - secondsSinceBoot()) s"))
        sleep(milliseconds: 1000)
      }
    }
  }
}
