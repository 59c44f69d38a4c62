import Netlink
import SystemCalls
import Testing

@Suite struct AddressMessageTests {
  // `ip address add 10.127.0.1/30 dev vpn-host`
  @Test func addIPv4() throws {
    let message = try AddressMessage.add(prefix("10.127.0.1/30"), interface: 2)
    #expect(
      message.bytes(sequence: 1, adding: [.request, .acknowledge])
        == wire(
          """
          28 00 00 00 14 00 05 06 01 00 00 00 00 00 00 00  # RTM_NEWADDR, REQUEST | ACK | EXCL | CREATE
          02 1e 00 00 02 00 00 00                          # ifaddrmsg: AF_INET, /30, index 2
          08 00 02 00 0a 7f 00 01                          # IFA_LOCAL
          08 00 01 00 0a 7f 00 01                          # IFA_ADDRESS
          """))
  }

  // `ip address add fd00::1/64 dev vpn-host nodad noprefixroute`
  @Test func addIPv6() throws {
    let message = try AddressMessage.add(
      prefix("fd00::1/64"), interface: 2, noPrefixRoute: true)
    #expect(
      message.header + message.attributes
        == wire(
          """
          0a 40 00 00 02 00 00 00                          # ifaddrmsg: AF_INET6, /64, index 2
          14 00 02 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01  # IFA_LOCAL
          14 00 01 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01  # IFA_ADDRESS
          08 00 08 00 02 02 00 00                          # IFA_FLAGS NODAD | NOPREFIXROUTE
          """))
    #expect(message.description == "adding address fd00::1/64 to link 2 (RTM_NEWADDR)")
  }

  @Test(arguments: [
    ("10.0.0.1/32", false, UInt32?.none), ("10.0.0.1/32", true, 0x200),
    ("fd00::1/128", false, 0x2), ("fd00::1/128", true, 0x202),
  ])
  func addSetsFlagsByFamily(text: String, noPrefixRoute: Bool, flags: UInt32?) throws {
    let message = try AddressMessage.add(
      prefix(text), interface: 2, noPrefixRoute: noPrefixRoute)
    #expect(try attributes(of: message).integer(8) == flags)
  }

  // `ip address delete 10.127.0.1/30 dev vpn-host`
  @Test func delete() throws {
    let message = try AddressMessage.delete(prefix("10.127.0.1/30"), interface: 2)
    #expect(message.type == 21 && message.flags.isEmpty)
    #expect(
      message.header + message.attributes
        == wire("02 1e 00 00 02 00 00 00 08 00 02 00 0a 7f 00 01 08 00 01 00 0a 7f 00 01"))
  }

  // `ip address show`
  @Test func list() {
    #expect(
      AddressMessage.list().bytes(sequence: 1, adding: [.request, .dump])
        == wire("18 00 00 00 16 00 01 03 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"))
  }
}

@Suite struct InterfaceAddressTests {
  @Test func readsIPv4() throws {
    let address = try #require(try InterfaceAddress(reply(Sample.address4)))
    #expect(try address.prefix == prefix("10.127.0.1/30"))
    #expect(address.interfaceIndex == 2 && address.scope == 0)
    #expect(address.flags == 0x80)
  }

  @Test func readsIPv6WithItsLongFlags() throws {
    let address = try #require(try InterfaceAddress(reply(Sample.address6)))
    #expect(try address.prefix == prefix("fd00::1/64"))
    #expect(address.flags == 0x282)
  }

  // `ip address show` prints it as `inet 10.9.0.1 peer 10.9.0.2/32`.
  @Test func prefersTheInterfacesOwnEndOfAPointToPointLink() throws {
    let payload = wire("02 20 00 00 02 00 00 00 08 00 01 00 0a 09 00 02 08 00 02 00 0a 09 00 01")
    let reply = NetlinkReply(operation: "testing", type: 20, payload: payload)
    #expect(try InterfaceAddress(reply)?.prefix == prefix("10.9.0.1/32"))
  }

  @Test func leavesOutOtherFamilies() throws {
    // AF_PHONET
    let reply = NetlinkReply(
      operation: "testing", type: 20, payload: wire("23 00 00 00 02 00 00 00"))
    #expect(try InterfaceAddress(reply) == nil)
  }

  @Test(arguments: [
    (wire("02 21 00 00 02 00 00 00 08 00 01 00 0a 09 00 02"), "a /33"),
    (wire("02 20 00 00 02 00 00 00"), "no address"),
    (wire("0a 20 00 00 02 00 00 00 08 00 01 00 0a 09 00 02"), "an IPv4 address in IPv6"),
  ])
  func throwsWhenTheAddressMakesNoSense(payload: [UInt8], why: String) {
    let reply = NetlinkReply(operation: "testing", type: 20, payload: payload)
    #expect(throws: NetlinkError.self, "\(why)") { try InterfaceAddress(reply) }
  }
}
