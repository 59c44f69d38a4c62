internal import Netlink
internal import SystemCalls

/// One thing to ask of the kernel.
///
/// What makes an object says so as a `Creation`, by which it is undone; everything else goes with
/// the object it was done to.
enum KernelOperation: Equatable {
  /// `ip netns attach`: the calling thread's namespace gets a name.
  case nameNamespace(path: String)
  /// A value below /proc/sys of a side's namespace; a kernel without the setting is as good as one
  /// where it is off.
  case writeSetting(path: String, value: String, Side = .host)
  /// `ip link add NAME type wireguard` inside, with its socket in the host's namespace.
  case createWireGuard(name: String, mtu: UInt32)
  /// `ip link add HOST type veth peer INSIDE netns NAMESPACE`.
  case createVeth(host: String, inside: String)
  /// `wg set`.
  case configureWireGuard(WireGuardConfiguration)
  /// `ip address add`.
  case addAddress(IPPrefix, interface: String, Side)
  /// `ip address delete`, inside; one that is gone by now is fine.
  case removeAddress(IPPrefix, interface: String)
  /// `ip link set NAME mtu BYTES`, inside.
  case setMTU(UInt32, interface: String)
  /// `ip link set NAME alias MARK`: whose the link is, for people and for ourselves.
  case mark(interface: String, Side, alias: String)
  /// `ip link set NAME up`.
  case bringUp(interface: String, Side)
  /// `ip route add PREFIX dev INTERFACE table TABLE` inside; nil is the main table.
  case addRoute(IPPrefix, interface: String, table: UInt32?)
  /// `ip route delete PREFIX dev INTERFACE table TABLE` inside; one that is gone by now is fine.
  case removeRoute(IPPrefix, interface: String, table: UInt32?)
  /// `ip route add unreachable default metric 4294967295` inside: behind every other route.
  case addUnreachableDefault(AddressFamily)
  /// `nft -f`.
  case loadTable(Side, FilterTable)
  /// `mkdir`, of one that is not there.
  case makeDirectory(path: String, mode: UInt32 = 0o755)
  /// A file that begins with our mark, and by that is known as ours; see `ResolverOverlay`.
  case writeFile(path: String, text: String)
  /// Other contents for a file of ours that is there, in place: services have it bound.
  case rewriteFile(path: String, text: String)
  /// IPv4 forwarding of an interface of the host's, on behalf of `user`; see `InterfaceForwarding`.
  case forward(interface: String, user: String)

  /// What this is going to make, for the record.
  ///
  /// What names a namespace is noted as it is performed, when the identity is known.
  var creations: [Creation] {
    switch self {
    case .createWireGuard(let name, _): [.link(.inside, name: name, index: nil)]
    // The peer goes with the host's end.
    case .createVeth(let host, _): [.link(.host, name: host, index: nil)]
    // A table inside goes with the namespace.
    case .loadTable(.host, let table): [.filterTable(table.name)]
    case .makeDirectory(let path, _): [.directory(path: path)]
    case .writeFile(let path, _): [.file(path: path)]
    case .forward(let interface, let user): [.forwarding(interface: interface, user: user)]
    default: []
    }
  }
}

/// The group of our links, in ASCII `nswg`: unlike an alias it is there from the first
/// moment, and udev/70-namespaced-wireguard-vpn.rules knows them by it.
let linkGroup: UInt32 = 0x6e73_7767

/// The alias of every link of ours; seen in `ip link`.
func linkMark(_ instance: String) -> String { "namespaced-wireguard-vpn \(instance)" }
