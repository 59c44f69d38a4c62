internal import GeneratorCore
internal import Netlink
internal import SystemCalls

/// Brings about handshakes with peers that have none, by a ladder: to provoke one, to resolve the
/// name again, the next address, a new socket.
///
/// It never touches the namespace or what runs there, and holds the lock only while it changes
/// something: nothing that is to stop has to wait for it.
struct HandshakeSearch: ~Copyable {
  /// How long a rung is given, in milliseconds: WireGuard sends again after 5 s and up to a third
  /// (`REKEY_TIMEOUT` and its jitter), and a change may have to wait for that.
  private static let patience: Int64 = 7000

  /// How many peers are watched for what comes back from them; of more only the first are told of.
  ///
  /// Every packet of the host passes the filter of each, and a process may open 1024 files.
  private static let watchedPeers = 64

  enum Goal { case onePeer, everyPeer }

  private let instance: InstanceName
  private let stateRoot: String
  private let goal: Goal
  private let emit: EventSink
  private let lookup: EndpointLookup
  let interface: RunningInterface
  /// Of the encrypted packets; nil for none.
  let mark: UInt32?
  private(set) var peers: [SoughtPeer]

  /// Looks at how old the handshakes are now, and notes it; `earlier` are those of a search before.
  init(
    _ instance: InstanceName, stateRoot: String, memory: EndpointMemory, goal: Goal,
    after earlier: [SoughtPeer], emit: @escaping EventSink
  ) throws(StageError) {
    let lookup = try EndpointLookup(memory, emit: emit)
    var peers: [SoughtPeer] = []
    var mark: UInt32 = 0
    let interface = try StateDirectory.with(instance, root: stateRoot) {
      (state) throws(StageError) in
      let running = try RunningInterface(of: instance, state)
      let device = try running.device()
      let ages = try Self.noteAges(of: device.peers, running.record, state)
      let present = device.peersByKey
      peers = running.record.upkeep.endpoints.compactMap { configured in
        let key = configured.publicKey
        guard let present = present[key] else { return nil }
        return SoughtPeer(configured, present, age: ages[key])
      }
      mark = device.fwMark
      return running
    }
    self.instance = instance
    self.stateRoot = stateRoot
    self.goal = goal
    self.emit = emit
    self.lookup = lookup
    self.interface = interface
    self.mark = mark == 0 ? nil : mark
    self.peers = peers
    let trials = Dictionary(earlier.map { ($0.configured.publicKey, $0) }) { $1 }
    for index in peers.indices {
      self.peers[index].inherit(from: trials[peers[index].configured.publicKey])
    }
  }

  /// The ages of the peers' handshakes in seconds, by public keys.
  private static func noteAges(
    of peers: [WireGuardDevice.Peer], _ record: StateRecord, _ state: borrowing StateDirectory
  ) throws(StageError) -> [[UInt8]: Int64] {
    var changed = record
    let now = HandshakeClock.Moment.now
    let ages = changed.upkeep.clock.ages(of: peers, at: now)
    changed.upkeep.clock.settle(peers, at: now)
    if changed != record { try system(try state.write(changed, of: .wg)) }
    return ages
  }

  /// Whether there are the handshakes that are looked for.
  var isDone: Bool {
    switch goal {
    case .onePeer: peers.contains(where: \.isAnswering)
    case .everyPeer: peers.allSatisfy(\.isAnswering)
    }
  }

  /// Climbs the ladder once, or as far as it takes, or until `deadline` in milliseconds since boot.
  mutating func climb(until deadline: Int64 = .max) throws(StageError) {
    guard !isDone else { return }
    try provoke("provoking a handshake")
    try wait(until: deadline)
    guard !isDone else { return }
    for index in peers.indices where !peers[index].isAnswering { lookUp(index) }
    while !isDone, millisecondsSinceBoot() < deadline, takeNextAddresses() {
      try provoke("trying the next address")
      try wait(until: deadline)
    }
    guard !isDone, millisecondsSinceBoot() < deadline else { return }
    for index in peers.indices where !peers[index].isAnswering { peers[index].startOver() }
    try renewSocket()
    try provoke("trying from a new socket")
    try wait(until: deadline)
  }

  // MARK: rungs

  /// A keepalive goes out when one is switched on, and with no session a handshake before it.
  private mutating func provoke(_ what: String) throws(StageError) {
    var off: [WireGuardConfiguration.Peer] = []
    var on: [WireGuardConfiguration.Peer] = []
    var addresses: [String] = []
    for index in peers.indices where !peers[index].isAnswering {
      guard let address = peers[index].address else { continue }
      peers[index].beginTrial(
        hasRoute: lookup.hasRoute(to: address, mark: mark),
        isWatched: off.count < Self.watchedPeers)
      let configured = peers[index].configured
      addresses.append("\(address)")
      off.append(keepalive(0, configured, at: address))
      let seconds = configured.persistentKeepalive
      on.append(keepalive(seconds == 0 ? 25 : seconds, configured))
      if seconds == 0 { on.append(keepalive(0, configured)) }
    }
    guard !off.isEmpty else { return }
    emit(.status("\(what): \(addresses.abridged())"))
    let name = interface.name
    try change([
      WireGuardConfiguration(interface: .name(name), peers: off),
      WireGuardConfiguration(interface: .name(name), peers: on),
    ])
  }

  private func keepalive(
    _ seconds: UInt16, _ peer: ConfiguredEndpoint, at address: SocketAddress? = nil
  ) -> WireGuardConfiguration.Peer {
    WireGuardConfiguration.Peer(
      publicKey: peer.publicKey, endpoint: address, persistentKeepalive: seconds, updateOnly: true)
  }

  private mutating func lookUp(_ index: Int) {
    do throws(ResolutionError) {
      peers[index].take(.success(try lookup.find(peers[index].endpoint, mark: mark)))
    } catch { peers[index].take(.failure(error)) }
  }

  /// False when every address of every peer was tried.
  private mutating func takeNextAddresses() -> Bool {
    var hasMore = false
    for index in peers.indices where !peers[index].isAnswering {
      if peers[index].takeNextAddress() != nil { hasMore = true }
    }
    return hasMore
  }

  /// Binds anew, for what is in between may hold a stale mapping of the old port.
  ///
  /// A configured port stays, for others may count on it. Not while another peer answers: it would
  /// have to follow.
  private func renewSocket() throws(StageError) {
    guard !peers.isEmpty, !peers.contains(where: \.isAnswering) else { return }
    let name = interface.name
    let ports = [0] + (interface.record.upkeep.listenPort.map { [$0] } ?? [])
    try change(ports.map { WireGuardConfiguration(interface: .name(name), listenPort: $0) })
  }

  /// Makes the changes under the lock, if the interface still is the one that was found.
  private func change(_ configurations: [WireGuardConfiguration]) throws(StageError) {
    let creations = interface.record.creations
    try StateDirectory.with(instance, root: stateRoot) { (state) throws(StageError) in
      guard try system(try state.read(.wg))?.creations == creations else {
        throw StageError("the interface was taken down meanwhile")
      }
      for configuration in configurations { try interface.executor.change(configuration) }
    }
  }

  // MARK: waiting

  private mutating func wait(until deadline: Int64) throws(StageError) {
    guard peers.contains(where: { $0.address != nil }) else { return }
    let end = min(millisecondsSinceBoot() + Self.patience, deadline)
    // A handshake takes one round trip: often at first, so that nobody waits longer than that.
    var pause: Int64 = 1
    while true {
      let present = try interface.device().peersByKey
      for index in peers.indices {
        peers[index].update(present[peers[index].configured.publicKey])
      }
      let left = end - millisecondsSinceBoot()
      guard !isDone, left > 0 else { return }
      sleep(milliseconds: min(pause, left))
      pause = min(pause + pause / 4 + 1, 250)
    }
  }
}
