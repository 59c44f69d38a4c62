import Foundation
import GeneratorCore
import Stage
import SystemCalls

@testable import Commands

/// Reports as values, as a reader would have made them.
enum Samples {
  static let privateKey = "4GgrIrv8OlBA5kYl6EZxoOJFe8jXNwOu+nPdWPzbMFY="
  static let presharedKey = "GsW5TYNYKM7Pr0tTyZ9cK5tQnm9dbp1qSD+WWQ9Pzz0="
  static let publicKey = "dyQVIUp6/ZHVVmXpWTXSUynpLThm84CnOW3MOxELLUk="

  static let file = """
    WIREGUARD_PRIVATE_KEY=\(privateKey)
    WIREGUARD_VPN_PUBLIC_KEY=\(publicKey)
    WIREGUARD_VPN_PPRESHARED_KEY=\(presharedKey)
    WIREGUARD_ENDPOINT=192.0.2.2:51820
    WIREGUARD_IP_ADDRESSES=10.64.1.2/32,fd64:1::2/128
    WIREGUARD_DNS=10.64.1.1,corp.example
    ATTACH_UNITS=daemon.service
    PUBLISH=127.0.0.1:9091

    """

  /// What became of a file of that text.
  static func loaded(_ name: String = "work", _ text: String = file) throws -> LoadedInstance {
    let name = try InstanceName.required(name)
    return parseInstance(ConfigFile(name: name, path: "/etc/\(name).conf"), bytes: Array(text.utf8))
  }

  static func peer() -> ObservedInstance.Peer {
    var peer = ObservedInstance.Peer(publicKey: [UInt8](repeating: 7, count: 32))
    peer.endpoint = IPAddress("192.0.2.2").map { SocketAddress($0, port: 51820) }
    peer.lastHandshake = 940
    peer.receivedBytes = 1_300_000
    peer.transmittedBytes = 900
    peer.allowedIPs = prefixes("0.0.0.0/0", "::/0")
    peer.hasPresharedKey = true
    return peer
  }

  static func prefixes(_ texts: String...) -> [IPPrefix] {
    texts.compactMap { text in
      let parts = text.split(separator: "/")
      return IPAddress(parts[0]).flatMap { IPPrefix($0, length: Int(parts[1]) ?? 0) }
    }
  }

  static let namespace = ObservedInstance.Namespace(
    path: "/run/netns/work", identity: FileIdentity(device: 4, inode: 4_026_532_001), isThere: true)

  /// A VPN that is up and works, read by root at second 1000.
  static func up(_ text: String = file) throws -> InstanceReport {
    var report = InstanceReport(name: try .required("work"))
    report.file = try loaded("work", text)
    report.time = 1000
    report.enablement = "enabled"
    for unit in [report.name.target] + StageName.allCases.map(report.name.service) {
      var unit = UnitReport(name: unit, active: "active")
      unit.since = unit.name.hasSuffix(".service") ? 900 : nil
      report.units.append(unit)
    }
    var interface = ObservedInstance.WireGuard(name: "wg-work")
    interface.publicKey = [UInt8](repeating: 9, count: 32)
    interface.listenPort = 40000
    interface.peers = [peer()]
    interface.link = ObservedInstance.LinkState(
      isUp: true, mtu: 1440, addresses: prefixes("10.64.1.2/32", "fd64:1::2/128"))
    var tunnel = ObservedInstance.Tunnel(hostName: "veth-work0", insideName: "veth-work1")
    tunnel.host = .init(isUp: true, mtu: 1500, addresses: prefixes("10.127.0.1/30"))
    tunnel.inside = .init(isUp: true, mtu: 1500, addresses: prefixes("10.127.0.2/30"))
    report.observed.namespace = namespace
    report.observed.wireGuard = interface
    report.observed.tunnel = tunnel
    report.observed.insideLinks = ["wg-work", "veth-work1"]
    report.observed.routes = [
      route("0.0.0.0/0", "wg-work"), route("0.0.0.0/0", nil), route("::/0", "wg-work"),
      route("::/0", nil), route("10.127.0.0/30", "veth-work1"),
    ]
    report.observed.nameServers = [IPAddress("10.64.1.1")].compactMap(\.self)
    report.pathMTU = 1440
    report.attached = [
      AttachedReport(
        unit: "daemon.service", active: "active", process: 175,
        place: .inside(namespace.identity.inode))
    ]
    return report
  }

  static func route(_ destination: String, _ interface: String?, via: String? = nil)
    -> ObservedInstance.Route
  {
    ObservedInstance.Route(
      destination: prefixes(destination)[0], interface: interface,
      gateway: via.flatMap { IPAddress($0) })
  }

  /// The same file while nothing runs.
  static func down(_ text: String = file) throws -> InstanceReport {
    var report = InstanceReport(name: try .required("work"))
    report.file = try loaded("work", text)
    report.time = 1000
    for unit in [report.name.target] + StageName.allCases.map(report.name.service) {
      report.units.append(UnitReport(name: unit))
    }
    return report
  }
}

struct NoInstanceName: Error {}

extension InstanceName {
  static func required(_ text: String) throws -> InstanceName {
    guard let name = InstanceName(text) else { throw NoInstanceName() }
    return name
  }
}

/// As in a pipe.
func plain(_ lines: [StyledLine]) -> String { lines.rendered(inColour: false) }

func projectURL(_ path: String) -> URL {
  URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: path)
}

func projectText(_ path: String) throws -> String {
  try String(contentsOf: projectURL(path), encoding: .utf8)
}
