internal import CLinux
internal import Netlink
internal import SystemCalls

// What is there now.
extension KernelExecutor {
  /// The interface of that name and index inside, as which WireGuard has `device`.
  func presentInterface(
    _ name: String, index: UInt32?, _ device: WireGuardDevice
  ) throws(StageError) -> PresentInterface {
    guard let link = try link(name, .inside), index == nil || link.index == index else {
      throw gone(name)
    }
    let addresses = try netlink(try inside.addresses())
    let routes = try netlink(try inside.routes(.ipv4)) + netlink(try inside.routes(.ipv6))
    return PresentInterface(
      isUp: link.isUp, mtu: link.mtu,
      addresses: addresses.filter { $0.interfaceIndex == link.index && $0.scope != linkScope }
        .map(\.prefix),
      routes: routes.filter { $0.isOurs && $0.outputInterface == link.index }
        .map { TableRoute(destination: $0.destination, table: $0.table) },
      device: device)
  }

  /// The keys, port, mark and peers of the interface of that name.
  func wireGuardDevice(_ name: String) throws(StageError) -> WireGuardDevice {
    guard try link(name, .inside) != nil else { throw gone(name) }
    return try wireGuardDevice(.name(name))
  }

  func wireGuardDevice(
    _ interface: WireGuardConfiguration.Interface
  ) throws(StageError) -> WireGuardDevice {
    if let userspace {
      let answer = try system(try UserspaceConfiguration.send(.get, to: userspace.socketPath))
      return WireGuardDevice(name: userspace.interfaceName, answer: answer)
    }
    let wireGuard = try openWireGuard()
    return try netlink(
      try wireGuard.socket.wireGuardDevice(interface, family: wireGuard.family))
  }
}

private func gone(_ name: String) -> StageError {
  StageError("the interface '\(name)' is gone; did somebody remove it?")
}

/// Of link-local addresses, which the kernel makes by itself.
private let linkScope = UInt8(RT_SCOPE_LINK.rawValue)

extension Route {
  /// Whether it is as the stage makes them; `ip route add` by hand says `boot`.
  fileprivate var isOurs: Bool {
    type == UInt8(RTN_UNICAST) && Int32(origin) == RTPROT_STATIC && gateway == nil
  }
}
