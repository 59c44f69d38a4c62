internal import CLinux
internal import Glibc
internal import Netlink
internal import SystemCalls

// The operations that make an object.
extension KernelExecutor {
  func createVeth(host name: String, inside: String) throws(StageError) -> Creation {
    let descriptor = namespace.rawDescriptor
    try request(
      try LinkMessage.createVeth(
        name: name, group: linkGroup, peerName: inside, peerNamespace: descriptor),
      .host)
    return .link(.host, name: name, index: try index(name, .host))
  }

  /// Makes the interface by the kernel or, when that knows no WireGuard, by a program.
  mutating func createWireGuard(
    name: String, mtu: UInt32, record: (Creation) throws(StageError) -> Void
  ) throws(StageError) {
    do throws(NetlinkError) {
      // Sent from the host's namespace: the UDP socket belongs to that one, the link does not.
      try host.request(
        try LinkMessage.createWireGuard(
          name: name, mtu: mtu, group: linkGroup, namespace: namespace.rawDescriptor))
    } catch {
      // What the kernel answers when it has no link kind `wireguard` and no module of that name.
      guard error.number == EOPNOTSUPP else { throw StageError(error) }
      try createUserspace(name: name, mtu: mtu, record: record)
    }
    try record(.link(.inside, name: name, index: try index(name, .inside)))
  }

  /// Starts the program, waits until it serves, and moves its interface into the namespace.
  private mutating func createUserspace(
    name: String, mtu: UInt32, record: (Creation) throws(StageError) -> Void
  ) throws(StageError) {
    // Unique on the host, as is the inode of a namespace.
    let identifier = String(namespace.identity.inode, radix: 16)
    let held = try system(
      try HeldProcess(userspaceProgram, interfaceName: "nswg-\(identifier)"))
    let process = held.process
    try record(.process(process))
    do throws(SystemError) { try held.letGo() } catch {
      guard error.isMissing else { throw StageError(error) }
      throw StageError(
        "this kernel has no WireGuard, and there is no program '\(userspaceProgram)' to stand in;"
          + " install the package wireguard-go, or a kernel with the module wireguard")
    }
    userspace = process
    let link = try awaitInterface(of: process)
    // The MTU first: the program hears of changes only while the interface is in its namespace.
    try request(try LinkMessage.set(index: link.index, mtu: mtu, group: linkGroup), .host)
    // It looks in its own time, and says nothing of it. One that has not heard pads as for 1420, and
    // packets of 1440 come out too large for a path of 1500.
    if mtu != link.mtu { usleep(100_000) }
    let descriptor = namespace.rawDescriptor
    try request(
      try LinkMessage.set(index: link.index, name: name, namespace: descriptor), .host)
  }

  /// Waits at most ten seconds for the interface and the socket that configures it.
  private func awaitInterface(of process: UserspaceProcess) throws(StageError) -> Link {
    for _ in 0..<500 {
      let hasSocket = try system(try fileStatus(process.socketPath)) != nil
      if hasSocket, let link = try link(process.interfaceName, .host) { return link }
      guard try system(try process.isRunning) else {
        throw StageError(
          "'\(userspaceProgram)' ended at once; may it use /dev/net/tun? Where more than about"
            + " 120 run, fs.inotify.max_user_instances may be too small")
      }
      usleep(20_000)
    }
    throw StageError("'\(userspaceProgram)' made no interface within ten seconds")
  }

  /// Gives the interface its keys and peers, and makes sure that it took them all.
  func configure(_ configuration: WireGuardConfiguration) throws(StageError) {
    try change(configuration)
    let known = Set(try wireGuardDevice(configuration.interface).peers.map(\.publicKey))
    // Both leave out, silently, a peer whose public key is the interface's own.
    for peer in configuration.peers where !peer.remove && !known.contains(peer.publicKey) {
      throw StageError(
        "the public key of the peer at \(peer.endpoint?.description ?? "an unknown endpoint") is"
          + " our own, made from our private key; it must be the provider's")
    }
  }

  /// Changes keys and peers, `wg set`.
  func change(_ configuration: WireGuardConfiguration) throws(StageError) {
    if let userspace {
      _ = try system(
        try UserspaceConfiguration.send(.set(configuration), to: userspace.socketPath))
    } else {
      let wireGuard = try openWireGuard()
      try netlink(
        try wireGuard.socket.configureWireGuard(configuration, family: wireGuard.family))
    }
  }

  /// A socket inside, and the number that WireGuard's messages have.
  func openWireGuard() throws(StageError) -> WireGuardSocket {
    let socket = try namespace.perform { () throws(StageError) in
      try netlink(try NetlinkSocket(.generic))
    }
    let name = WireGuardMessage.familyName
    guard let family = try netlink(try GenericFamily.resolve(name, over: socket)) else {
      throw StageError("the kernel has no generic netlink family '\(name)'")
    }
    return WireGuardSocket(socket: socket, family: family)
  }
}

/// What WireGuard in the kernel is spoken to by.
struct WireGuardSocket: ~Copyable {
  let socket: NetlinkSocket
  let family: GenericFamily
}
