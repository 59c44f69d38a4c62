// Values about what runs inside and how it is reached; see ConfigValues.swift.

internal import SystemCalls

/// The name of a unit.
///
/// One with a fault stays in the list: the others must be confined all the same, and it is the
/// validator that refuses the file.
@Sendable func parseAttachedUnit(_ item: Substring) throws(ValueFault) -> AttachedUnit {
  AttachedUnit(String(item))
}

/// `ADDRESS:PORT`, with `:PORT` after it when the port inside is another.
@Sendable func parsePublication(_ item: Substring) throws(ValueFault) -> Publication {
  let fault = ValueFault(
    "is not an address with a port",
    allowed: "ADDRESS:PORT or ADDRESS:PORT:PORT-INSIDE, like 127.0.0.1:9091 or [::1]:9091,"
      + " with ports from 1 to 65535")
  let host: Substring
  let rest: Substring
  if item.hasPrefix("[") {
    guard let end = item.firstIndex(of: "]") else { throw fault }
    host = item[item.index(after: item.startIndex)..<end]
    rest = item[item.index(after: end)...]
  } else {
    guard let colon = item.firstIndex(of: ":") else { throw fault }
    host = item[..<colon]
    rest = item[colon...]
  }
  let ports = rest.split(separator: ":", omittingEmptySubsequences: false).dropFirst()
    .map { decimal($0, in: 1...65535) }
  guard let address = IPAddress(host), item.hasPrefix("[") == (address.family == .ipv6),
    rest.hasPrefix(":"), (1...2).contains(ports.count),
    let listen = ports.first.flatMap(\.self), let inner = ports.last.flatMap(\.self)
  else { throw fault }
  return Publication(
    listen: SocketAddress(address, port: UInt16(listen)), innerPort: UInt16(inner))
}

/// `INTERFACE:PORT/PROTOCOL`, with `:PORT` before the slash when the port inside is another.
@Sendable func parsePortForward(_ item: Substring) throws(ValueFault) -> PortForward {
  let fault = ValueFault(
    "is not a port of an interface",
    allowed: "INTERFACE:PORT/PROTOCOL or INTERFACE:PORT:PORT-INSIDE/PROTOCOL, like eth0:8000/tcp,"
      + " with ports from 1 to 65535 and tcp or udp")
  let halves = item.split(separator: "/", omittingEmptySubsequences: false)
  guard halves.count == 2, let transport = PortForward.Transport(rawValue: String(halves[1]))
  else { throw fault }
  let parts = halves[0].split(separator: ":", omittingEmptySubsequences: false)
  guard (2...3).contains(parts.count), let port = decimal(parts[1], in: 1...65535),
    let inner = decimal(parts[parts.count - 1], in: 1...65535)
  else { throw fault }
  guard let interface = try? parseInterfaceName(String(parts[0])) else { throw fault }
  return PortForward(
    interface: interface, port: UInt16(port), innerPort: UInt16(inner), transport: transport)
}
