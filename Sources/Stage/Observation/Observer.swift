internal import CLinux
package import GeneratorCore
internal import Netlink
package import SystemCalls

/// Reads what is there of instances.
package struct Observer {
  let root: String
  var stateRoot: String { "\(root)/run/\(packageName)" }

  /// `root` is prepended to the directory of records.
  package init(root: String = "") {
    self.root = root
  }

  /// The names of everything that has a record, whether or not a file is there.
  package func recordedNames() -> [InstanceName] {
    ((try? directoryNames(stateRoot)) ?? []).compactMap { text in
      text == InstanceName.single.text ? .single : InstanceName(text)
    }
  }

  /// What is there of one instance.
  package func observe(_ name: InstanceName) -> ObservedInstance {
    var observed = ObservedInstance()
    var records: [StageName: StateRecord] = [:]
    for stage in StageName.allCases {
      do throws(SystemError) {
        let path = "\(stateRoot)/\(name)/\(stage.rawValue)"
        guard let bytes = try readExisting(path, limit: StateRecord.sizeLimit) else { continue }
        records[stage] = StateRecord(parsing: bytes)
        observed.stages.append(stage)
      } catch { observed.unread.append("the record of the \(stage.rawValue) stage: \(error)") }
    }
    observed.nameServers = readNameServers(name)
    observed.attachedUnits = records[.netns]?.attachedUnits ?? []
    guard let reference = records[.netns]?.namedNamespace else { return observed }
    let open = try? NetworkNamespace.open(reference)
    observed.namespace = ObservedInstance.Namespace(
      path: reference.path, identity: reference.identity, isThere: open != nil)
    observed.wireGuard = records[.wg].flatMap(Self.recordedInterface)
    observed.tunnel = records[.tunnel].flatMap(Self.recordedPair)
    guard let namespace = try? NetworkNamespace.open(reference) else { return observed }
    do throws(StageError) {
      let executor = try KernelExecutor(
        namespace: namespace, userspace: records[.wg]?.process)
      observed.read(executor)
    } catch {
      observed.unread.append("what is inside the namespace (\(error))")
    }
    return observed
  }

  private func readNameServers(_ name: InstanceName) -> [IPAddress] {
    let bytes = (try? readExisting("\(stateRoot)/\(name)/resolver/resolv.conf")) ?? nil
    return ResolverFiles.nameServers(String(decoding: bytes ?? [], as: UTF8.self))
  }

  private static func recordedInterface(_ record: StateRecord) -> ObservedInstance.WireGuard? {
    for case .link(.inside, let name, _) in record.creations {
      var interface = ObservedInstance.WireGuard(name: name)
      interface.isUserspace = record.process != nil
      for endpoint in record.upkeep.endpoints {
        interface.configuredEndpoints[endpoint.publicKey] = endpoint.text
      }
      return interface
    }
    return nil
  }

  private static func recordedPair(_ record: StateRecord) -> ObservedInstance.Tunnel? {
    var names: [Side: String] = [:]
    for case .link(let side, let name, _) in record.creations { names[side] = name }
    let settings = Dictionary(record.settings.map { ($0.key, $0.value) }) { $1 }
    guard let host = names[.host] ?? settings["TUNNEL_INIT_NAME"],
      let inside = names[.inside] ?? settings["TUNNEL_VPN_NAME"]
    else { return nil }
    return ObservedInstance.Tunnel(hostName: host, insideName: inside)
  }

  /// How large a packet inside may be to fit the path to an endpoint, in bytes; nil without a route.
  package func pathMTU(to endpoint: SocketAddress, mark: UInt32?) -> UInt32? {
    guard let socket = try? NetlinkSocket(.route) else { return nil }
    return PathMTU.inner(to: endpoint, mark: mark, over: socket)
  }

  /// What an interface gets whose file names no MTU.
  package func automaticMTU(inner: UInt32?, hasIPv6: Bool) -> UInt32 {
    PathMTU.automatic(inner: inner, hasIPv6: hasIPv6)
  }
}

extension ObservedInstance {
  fileprivate mutating func read(_ executor: borrowing KernelExecutor) {
    do throws(StageError) {
      let links = try netlink(try executor.inside.links())
      insideLinks = links.map(\.name).filter { $0 != "lo" }
      let addresses = try netlink(try executor.inside.addresses())
      let (interface, pair) = (wireGuard?.name, tunnel)
      wireGuard?.link = links.state(of: interface, addresses)
      tunnel?.inside = links.state(of: pair?.insideName, addresses)
      let found = try netlink(try executor.inside.routes(.ipv4) + executor.inside.routes(.ipv6))
      let names = Dictionary(links.map { ($0.index, $0.name) }) { $1 }
      routes = found.filter(\.isForPeople).map { route in
        Route(
          destination: route.destination,
          interface: route.isUnreachable ? nil : route.outputInterface.flatMap { names[$0] },
          gateway: route.gateway, table: route.table)
      }
      let hostAddresses = try netlink(try executor.host.addresses())
      tunnel?.host = try netlink(try executor.host.links())
        .state(of: pair?.hostName, hostAddresses)
    } catch { unread.append("the interfaces and routes inside (\(error))") }
    guard let name = wireGuard?.name, wireGuard?.link != nil else { return }
    do throws(StageError) {
      wireGuard?.take(try executor.wireGuardDevice(name))
    } catch { unread.append("the state of the WireGuard interface (\(error))") }
  }
}

extension ObservedInstance.WireGuard {
  fileprivate mutating func take(_ device: WireGuardDevice) {
    publicKey = device.publicKey
    listenPort = device.listenPort
    fwMark = device.fwMark
    peers = device.peers.map { peer in
      var observed = ObservedInstance.Peer(publicKey: peer.publicKey)
      observed.endpoint = peer.endpoint
      observed.lastHandshake = peer.lastHandshake
      observed.receivedBytes = peer.receivedBytes
      observed.transmittedBytes = peer.transmittedBytes
      observed.allowedIPs = peer.allowedIPs
      observed.persistentKeepalive = peer.persistentKeepalive
      observed.hasPresharedKey = peer.hasPresharedKey
      return observed
    }
  }
}

extension [Link] {
  fileprivate func state(
    of name: String?, _ addresses: [InterfaceAddress]
  ) -> ObservedInstance.LinkState? {
    guard let link = first(where: { $0.name == name }) else { return nil }
    let own = addresses.filter { $0.interfaceIndex == link.index && !$0.isLinkLocal }
    return ObservedInstance.LinkState(isUp: link.isUp, mtu: link.mtu, addresses: own.map(\.prefix))
  }
}

extension InterfaceAddress {
  fileprivate var isLinkLocal: Bool { scope == UInt8(RT_SCOPE_LINK.rawValue) }
}

extension Route {
  /// Not so the kernel's own of addresses (`local`), broadcasts and multicast.
  fileprivate var isForPeople: Bool {
    (type == UInt8(RTN_UNICAST) || isUnreachable) && table != UInt32(RT_TABLE_LOCAL.rawValue)
  }
}

extension Observer {
  /// By which interface of the host an endpoint is reached, and from which address.
  package func uplink(
    to endpoint: SocketAddress, mark: UInt32?
  ) -> (interface: String, source: IPAddress?)? {
    guard let socket = try? NetlinkSocket(.route),
      let route = try? socket.route(to: endpoint.address, mark: mark),
      let index = route.outputInterface, let link = try? socket.link(index: index)
    else { return nil }
    return (link.name, route.source)
  }

  /// The addresses of the host, but for link-local ones.
  package func hostAddresses() -> [IPPrefix] {
    guard let socket = try? NetlinkSocket(.route), let all = try? socket.addresses() else {
      return []
    }
    return all.filter { !$0.isLinkLocal }.map(\.prefix)
  }
}
