internal import GeneratorCore
internal import Netlink
internal import SystemCalls

/// Handshakes of an interface that is up: waits for the first one, and finds peers again that do not
/// answer any more.
///
/// It works from the record: without the file, and without a secret.
struct HandshakeStage {
  let name: InstanceName
  let stateRoot: String
  let memory: EndpointMemory
  let emit: EventSink

  /// Returns when there was a handshake, and says with whom.
  func awaitHandshake() throws(StageError) -> String {
    let start = millisecondsSinceBoot()
    var earlier: [SoughtPeer] = []
    while true {
      var search = try begin(.onePeer, after: earlier)
      let limit = search.interface.record.upkeep.onlineTimeout
      try search.climb(until: start + limit * 1000)
      if search.isDone { return try conclude(search) }
      guard millisecondsSinceBoot() - start < limit * 1000 else {
        throw StageError("no handshake within \(limit) s: \(reasons(search.peers))")
      }
      earlier = search.peers
    }
  }

  /// Looks for every peer whose last handshake is too long ago; returns what came of it in words,
  /// nil when there was nothing to do.
  func findLostPeers() throws(StageError) -> String? {
    var search = try begin(.everyPeer)
    let hadLost = !search.isDone
    try search.climb()
    let text = try conclude(search)
    guard search.isDone else { throw StageError("no handshake: \(reasons(search.peers))") }
    return hadLost ? text : nil
  }

  private func begin(
    _ goal: HandshakeSearch.Goal, after earlier: [SoughtPeer] = []
  ) throws(StageError) -> HandshakeSearch {
    try HandshakeSearch(
      name, stateRoot: stateRoot, memory: memory, goal: goal, after: earlier, emit: emit)
  }

  /// Does what follows from handshakes, and tells of them.
  private func conclude(_ search: borrowing HandshakeSearch) throws(StageError) -> String {
    let answering = search.peers.filter(\.isAnswering)
    let addresses = answering.compactMap { peer in
      peer.endpoint.isName ? peer.address.map { (peer.endpoint, $0) } : nil
    }
    try system(try memory.keep(addresses))
    try followPath(search)
    return answering.map { peer in
      peer.hasNewHandshake
        ? "handshake with \(peer)"
        : "\(peer) answers; the last handshake was \(peer.age ?? 0) s ago"
    }.abridged()
  }

  /// Another address may be reached by another path, which takes another MTU.
  private func followPath(_ search: borrowing HandshakeSearch) throws(StageError) {
    let interface = search.interface.name
    guard search.interface.record.upkeep.hasAutomaticMTU,
      search.peers.contains(where: { $0.isAnswering && $0.hasMoved })
    else { return }
    let addresses = search.peers.compactMap(\.address)
    let socket = try netlink(try NetlinkSocket(.route))
    let inner = PathMTU.inner(to: addresses, mark: search.mark, over: socket)
    let mtu = PathMTU.automatic(inner: inner, hasIPv6: try search.interface.hasIPv6())
    guard let link = try search.interface.executor.link(interface, .inside), link.mtu != mtu else {
      return
    }
    try search.interface.executor.request(
      try LinkMessage.set(index: link.index, mtu: mtu), .inside)
    emit(.entry(.notice, .handshake, "MTU \(link.mtu)→\(mtu), for the path has changed"))
  }

  private func reasons(_ peers: [SoughtPeer]) -> String {
    peers.filter { !$0.isAnswering }.map(\.reason).abridged(separator: "; ")
  }
}
