import Netlink
import SystemCalls
import Testing

@Suite struct RouteMessageTests {
  // `ip route add 192.0.2.0/24 dev wg0 metric 50 proto static`
  @Test func addUnicast() throws {
    let message = try RouteMessage.add(
      destination: prefix("192.0.2.0/24"), kind: .unicast(outputInterface: 2), metric: 50)
    #expect(
      message.bytes(sequence: 1, adding: [.request, .acknowledge])
        == wire(
          """
          34 00 00 00 18 00 05 06 01 00 00 00 00 00 00 00  # RTM_NEWROUTE, REQUEST | ACK | EXCL | CREATE
          02 18 00 00 fe 04 fd 01 00 00 00 00  # AF_INET, /24, main, RTPROT_STATIC, link, RTN_UNICAST
          08 00 01 00 c0 00 02 00              # RTA_DST
          08 00 04 00 02 00 00 00              # RTA_OIF 2
          08 00 06 00 32 00 00 00              # RTA_PRIORITY 50
          """))
    #expect(message.description == "adding route to 192.0.2.0/24 (RTM_NEWROUTE)")
  }

  // `ip -6 route replace unreachable default metric 4278198272 proto static`
  @Test func replaceUnreachableDefault() throws {
    let message = try RouteMessage.replace(
      destination: prefix("::/0"), kind: .unreachable, metric: 4_278_198_272)
    #expect(message.flags == [.create, .replace])
    #expect(
      message.header + message.attributes
        == wire("0a 00 00 00 fe 04 00 07 00 00 00 00  08 00 06 00 00 20 00 ff"))
  }

  // `ip route delete 192.0.2.0/24 dev wg0`
  @Test func delete() throws {
    let message = try RouteMessage.delete(
      destination: prefix("192.0.2.0/24"), kind: .unicast(outputInterface: 2))
    #expect(message.type == 25 && message.flags.isEmpty)
    #expect(
      message.header + message.attributes
        == wire(
          """
          02 18 00 00 fe 00 ff 01 00 00 00 00  # any protocol, any scope (RT_SCOPE_NOWHERE)
          08 00 01 00 c0 00 02 00 08 00 04 00 02 00 00 00
          """))
  }

  // `ip route add 10.1.2.0/25 dev wg0` for a destination written with host bits.
  @Test(arguments: [
    ("10.1.2.3/25", "10.1.2.0"), ("10.1.2.3/32", "10.1.2.3"), ("fd00:1::f/32", "fd00:1::"),
  ])
  func clearsHostBits(text: String, expected: String) throws {
    let message = try RouteMessage.add(
      destination: prefix(text), kind: .unicast(outputInterface: 2))
    let family = try prefix(text).family
    #expect(try attributes(of: message).address(1, family) == address(expected))
  }

  @Test(arguments: [
    (UInt32?.none, UInt8(254)), (254, 254), (255, 255), (256, 0), (51820, 0),
  ])
  func largeTablesGoIntoAnAttribute(table: UInt32?, inHeader: UInt8) throws {
    let message = try RouteMessage.add(
      destination: prefix("0.0.0.0/0"), kind: .unicast(outputInterface: 2), table: table)
    #expect(message.header[4] == inHeader)
    #expect(try attributes(of: message).integer(15) == table)
  }

  // `ip route get 203.0.113.7 mark 51820`
  @Test func lookup() throws {
    let message = try RouteMessage.lookup(address("203.0.113.7"), mark: 51820)
    #expect(
      message.bytes(sequence: 1, adding: .request)
        == wire(
          """
          2c 00 00 00 1a 00 01 00 01 00 00 00 00 00 00 00  # RTM_GETROUTE
          02 20 00 00 00 00 00 00 00 10 00 00              # AF_INET, /32, RTM_F_LOOKUP_TABLE
          08 00 01 00 cb 00 71 07                          # RTA_DST
          08 00 10 00 6c ca 00 00                          # RTA_MARK 51820
          """))
  }

  // `ip -6 route get 2001:db8::7`
  @Test func lookupIPv6() throws {
    let message = try RouteMessage.lookup(address("2001:db8::7"))
    #expect(
      message.header + message.attributes
        == wire(
          """
          0a 80 00 00 00 00 00 00 00 00 00 00              # AF_INET6, /128, no flags
          14 00 01 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 07
          """))
  }

  // `ip route show table all`, `ip -6 route show table all`
  @Test(arguments: [(AddressFamily.ipv4, UInt8(2)), (.ipv6, 10)])
  func list(family: AddressFamily, number: UInt8) {
    let message = RouteMessage.list(family)
    #expect(message.type == 26)
    #expect(message.header == [number] + [UInt8](repeating: 0, count: 11))
  }
}

@Suite struct RouteTests {
  @Test func readsAUnicastRouteWithAnMTU() throws {
    let route = try #require(try Route(reply(Sample.route4)))
    #expect(try route.destination == prefix("192.0.2.0/24"))
    #expect(route.type == 1 && !route.isUnreachable)
    #expect(route.outputInterface == 2 && route.metric == 50 && route.mtu == 1280)
    #expect(route.table == 254 && route.origin == 4)
    #expect(route.gateway == nil && route.source == nil)
  }

  @Test func readsAnUnreachableDefaultRoute() throws {
    let route = try #require(try Route(reply(Sample.unreachable6)))
    #expect(try route.destination == prefix("::/0"))
    #expect(route.isUnreachable && route.metric == 4_278_198_272)
    #expect(route.mtu == nil)
  }

  @Test func readsTheAnswerToALookup() throws {
    let route = try #require(try Route(reply(Sample.routeLookup)))
    #expect(try route.destination == prefix("203.0.113.7/32"))
    #expect(route.outputInterface == 2)
    #expect(try route.gateway == address("192.0.2.1"))
    #expect(try route.source == address("192.0.2.5"))
    #expect(route.mtu == nil)
  }

  @Test func leavesOutOtherFamilies() throws {
    // RTNL_FAMILY_IPMR
    let payload = [128] + [UInt8](repeating: 0, count: 11)
    #expect(try Route(NetlinkReply(operation: "testing", type: 24, payload: payload)) == nil)
  }
}

@Suite struct GenericFamilyTests {
  // `genl ctrl get name wireguard`
  @Test func get() throws {
    #expect(
      try GenericFamily.get(name: "wireguard").bytes(sequence: 1, adding: .request)
        == wire(
          """
          24 00 00 00 10 00 01 00 01 00 00 00 00 00 00 00  # nlctrl
          03 01 00 00                                      # CTRL_CMD_GETFAMILY, version 1
          0e 00 02 00 77 69 72 65 67 75 61 72 64 00 00 00  # CTRL_ATTR_FAMILY_NAME
          """))
  }

  @Test func readsTheNumber() throws {
    #expect(try GenericFamily(reply(Sample.family)) == GenericFamily(name: "wireguard", id: 29))
  }
}
