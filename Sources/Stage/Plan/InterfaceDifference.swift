internal import Netlink
internal import SystemCalls

/// A route into the WireGuard interface.
struct TableRoute: Equatable, Hashable {
  let destination: IPPrefix
  /// Nil is the main table.
  let table: UInt32?

  init(destination: IPPrefix, table: UInt32?) {
    self.destination = destination
    self.table = table == mainTable ? nil : table
  }
}

/// `RT_TABLE_MAIN`, rtnetlink(7).
private let mainTable: UInt32 = 254

/// What a WireGuard interface is to be like.
struct WantedInterface: Equatable {
  let name: String
  /// Bytes.
  let mtu: UInt32
  let addresses: [IPPrefix]
  let routes: [TableRoute]
  let configuration: WireGuardConfiguration
}

/// What a WireGuard interface is like.
struct PresentInterface: Equatable {
  let isUp: Bool
  /// Bytes.
  let mtu: UInt32
  let addresses: [IPPrefix]
  /// Ours, not the kernel's own nor anybody else's.
  let routes: [TableRoute]
  let device: WireGuardDevice
}

/// What leads from one to the other, in an order that keeps traffic going; pure.
struct InterfaceDifference: Equatable {
  private(set) var operations: [KernelOperation] = []
  /// The same in words, without a secret.
  private(set) var changes: [String] = []

  init(from present: PresentInterface, to wanted: WantedInterface) {
    let name = wanted.name
    let addresses = ListDifference(from: present.addresses, to: wanted.addresses)
    let routes = ListDifference(from: present.routes, to: wanted.routes)
    if addresses.added.contains(where: \.isIPv6), !present.addresses.contains(where: \.isIPv6) {
      enableIPv6()
    }
    // With less than 1280 bytes the kernel takes IPv6 addresses away: room first, or last.
    if wanted.mtu > present.mtu { operations.append(.setMTU(wanted.mtu, interface: name)) }
    addPeers(DeviceDifference(from: present.device, to: wanted.configuration))
    // The kernel takes no IPv6 address twice, whatever the lengths.
    let replaced = addresses.removed.filter { old in
      old.isIPv6 && addresses.added.contains { $0.address == old.address }
    }
    operations += replaced.map { .removeAddress($0, interface: name) }
    // New ones before old ones go: with its last address an interface loses its routes.
    operations += addresses.added.map { .addAddress($0, interface: name, .inside) }
    if !present.isUp { operations.append(.bringUp(interface: name, .inside)) }
    operations += routes.added.map { .addRoute($0.destination, interface: name, table: $0.table) }
    operations += routes.removed.map {
      .removeRoute($0.destination, interface: name, table: $0.table)
    }
    operations += addresses.removed.filter { !replaced.contains($0) }
      .map { .removeAddress($0, interface: name) }
    if wanted.mtu < present.mtu { operations.append(.setMTU(wanted.mtu, interface: name)) }
    if !present.isUp { changes.append("the interface is up again") }
    if wanted.mtu != present.mtu { changes.append("MTU \(present.mtu)→\(wanted.mtu)") }
    if let words = addresses.words { changes.append("address \(words)") }
    if let words = routes.words { changes.append("route \(words)") }
  }

  private mutating func addPeers(_ device: DeviceDifference) {
    guard let configuration = device.configuration else { return }
    operations.append(.configureWireGuard(configuration))
    changes += device.changes
  }

  /// The netns stage switches it off where nothing inside has an address of it.
  private mutating func enableIPv6() {
    for scope in ["default", "all"] {
      operations.append(
        .writeSetting(path: "/proc/sys/net/ipv6/conf/\(scope)/disable_ipv6", value: "0", .inside))
    }
    operations.append(.addUnreachableDefault(.ipv6))
  }

  /// Those that are about addresses and routes, for a second look: of those the kernel takes away
  /// more than it is asked to, as the secondary addresses with the first of a network.
  var networkOperations: [KernelOperation] {
    operations.filter { if case .configureWireGuard = $0 { false } else { true } }
  }
}

extension IPPrefix {
  fileprivate var isIPv6: Bool { family == .ipv6 }
}

extension TableRoute: CustomStringConvertible {
  var description: String { "\(destination)" + (table.map { " table \($0)" } ?? "") }
}

/// What is in one list and not in the other.
struct ListDifference<Element: Hashable & CustomStringConvertible> {
  let added: [Element]
  let removed: [Element]

  init(from present: [Element], to wanted: [Element]) {
    let (old, new) = (Set(present), Set(wanted))
    added = wanted.filter { !old.contains($0) }
    removed = present.filter { !new.contains($0) }
  }

  /// `+10.0.0.3/32 −10.0.0.2/32`; nil without a difference.
  var words: String? {
    let items = added.map { "+\($0)" } + removed.map { "−\($0)" }
    return items.isEmpty ? nil : items.abridged(separator: " ")
  }
}
