internal import GeneratorCore
internal import Netlink
internal import SystemCalls

/// Finds out by experiment how large a packet may be to go through the tunnel in one piece.
struct MTUProbe {
  /// What came of it.
  struct Report: Equatable {
    let target: IPAddress
    let interface: String
    /// Of the interface, as it was.
    let mtu: UInt32
    /// Bytes; nil when not even the smallest size passed.
    let largest: UInt32?

    /// Whether everything that the interface takes passes.
    var isWhole: Bool { largest == mtu }

    var words: String {
      let start = "asked \(target) for echoes through \(interface), MTU \(mtu): "
      guard let largest else {
        return start + "not even packets of \(MTUSearch.smallest) bytes pass in one piece"
      }
      return start + "packets of up to \(largest) bytes pass in one piece"
    }
  }

  let interface: String
  let emit: EventSink

  /// `host` counts fragments, since the tunnel's socket is the host's: the calling thread's.
  ///
  /// Throws when nothing comes back at all.
  func run(
    to target: IPAddress, in namespace: borrowing NetworkNamespace, mtu: UInt32
  ) throws(StageError) -> Report {
    emit(.status("asking \(target) for echoes through \(interface)"))
    var socket = try namespace.perform { () throws(StageError) in
      try system(try EchoSocket(to: target))
    }
    try waitForAnswer(&socket, target)
    let largest = try MTUSearch.largest(of: MTUSearch.sizes(upTo: mtu)) {
      (size) throws(StageError) in
      try passes(Int(size), &socket)
    }
    return Report(target: target, interface: interface, mtu: mtu, largest: largest)
  }

  /// The first packet has to wait for a handshake, five seconds if one is lost; wg(8).
  private func waitForAnswer(
    _ socket: inout EchoSocket, _ target: IPAddress
  ) throws(StageError) {
    for _ in 1...8 where try system(try socket.isAnswered(size: 84)) { return }
    throw StageError(
      "'\(target)' does not answer pings through \(interface), so there is nothing to measure by;"
        + " name an address behind the tunnel that does")
  }

  /// Three times, as a packet may be lost, and somebody else's may be fragmented meanwhile.
  ///
  /// What passes only in fragments never does.
  private func passes(_ size: Int, _ socket: inout EchoSocket) throws(StageError) -> Bool {
    for _ in 1...3 {
      let before = try system(try FragmentCounters())
      let isAnswered = try system(try socket.isAnswered(size: size))
      if isAnswered, try system(try FragmentCounters()) == before { return true }
    }
    return false
  }
}

extension WireGuardStage {
  /// The address to ask: the named one, or the first name server of the file.
  ///
  /// Its own address would answer without a tunnel.
  func probeTarget(_ named: IPAddress?) throws(StageError) -> IPAddress {
    let servers = settings.dns.compactMap { entry -> IPAddress? in
      if case .server(let address) = entry { address } else { nil }
    }
    guard let target = named ?? servers.first(where: { settings.has($0.family) }) else {
      throw StageError(
        "there is no name server in the file to ask for an echo;"
          + " name an address behind the tunnel that answers pings")
    }
    guard settings.has(target.family) else {
      throw StageError("'\(target)': the tunnel has no \(target.family.name) address")
    }
    guard !settings.addresses.contains(where: { $0.address == target }) else {
      throw StageError("'\(target)' is our own end of the tunnel; name one behind it")
    }
    return target
  }

  /// `nswg-stage mtu`: measures, and changes nothing.
  func measureMTU(
    to named: IPAddress?, through running: borrowing RunningInterface
  ) throws(StageError) -> MTUProbe.Report {
    let target = try probeTarget(named)
    let name = running.name
    guard let mtu = try running.executor.link(name, .inside)?.mtu else {
      throw StageError("the interface '\(name)' is gone; did somebody remove it?")
    }
    return try MTUProbe(interface: name, emit: emit)
      .run(to: target, in: running.executor.namespace, mtu: mtu)
  }

  /// At `up` and `reload`, when the file wants it: makes the interface's MTU what passes.
  ///
  /// Nothing that goes wrong here is a reason to be without the VPN. Returns what is to be said.
  func adjustMTU(_ name: String, _ executor: inout KernelExecutor) -> String? {
    let named: IPAddress?
    switch settings.mtuProbe {
    case .off: return nil
    case .nameServer: named = nil
    case .address(let address): named = address
    }
    do throws(StageError) {
      guard let mtu = try executor.link(name, .inside)?.mtu else { return nil }
      let report = try MTUProbe(interface: name, emit: emit)
        .run(to: try probeTarget(named), in: executor.namespace, mtu: mtu)
      guard let largest = report.largest, !report.isWhole else { return nil }
      let lowest: UInt32 = settings.has(.ipv6) ? 1280 : 576
      try executor.perform([.setMTU(max(largest, lowest), interface: name)]) { _ in }
      return "\(report.words), so its MTU is \(max(largest, lowest)) now"
    } catch {
      warn("WIREGUARD_MTU_PROBE=: \(error)")
      return nil
    }
  }
}
