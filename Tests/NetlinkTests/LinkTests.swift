import Netlink
import Testing

@Suite struct LinkMessageTests {
  // `ip link add wg0 mtu 1420 netns FD type wireguard`
  @Test func createWireGuard() throws {
    let message = try LinkMessage.createWireGuard(name: "wg0", mtu: 1420, namespace: 7)
    #expect(
      message.bytes(sequence: 1, adding: [.request, .acknowledge])
        == wire(
          """
          4c 00 00 00 10 00 05 06  # 76 bytes, RTM_NEWLINK, REQUEST | ACK | EXCL | CREATE
          01 00 00 00 00 00 00 00  # sequence 1, port 0
          00 00 00 00 00 00 00 00  # ifinfomsg: AF_UNSPEC, index 0
          00 00 00 00 00 00 00 00  # flags, change
          08 00 03 00 77 67 30 00  # IFLA_IFNAME "wg0"
          08 00 04 00 8c 05 00 00  # IFLA_MTU 1420
          08 00 1c 00 07 00 00 00  # IFLA_NET_NS_FD 7
          14 00 12 80              # IFLA_LINKINFO
            0e 00 01 00 77 69 72 65 67 75 61 72 64 00 00 00  # IFLA_INFO_KIND "wireguard"
          """))
    #expect(message.description == "creating link 'wg0' (RTM_NEWLINK)")
  }

  // `ip link add wg0 type wireguard`
  @Test func createWireGuardWithDefaults() throws {
    #expect(
      try LinkMessage.createWireGuard(name: "wg0").attributes
        == wire(
          """
          08 00 03 00 77 67 30 00
          14 00 12 80 0e 00 01 00 77 69 72 65 67 75 61 72 64 00 00 00
          """))
  }

  // `ip link add vpn-host mtu 1400 type veth peer name vpn-init mtu 1400 netns FD`
  @Test func createVeth() throws {
    let message = try LinkMessage.createVeth(
      name: "vpn-host", mtu: 1400, peerName: "vpn-init", peerNamespace: 9)
    #expect(
      message.bytes(sequence: 2)
        == wire(
          """
          80 00 00 00 10 00 00 06 02 00 00 00 00 00 00 00  # RTM_NEWLINK, EXCL | CREATE
          00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  # ifinfomsg
          0d 00 03 00 76 70 6e 2d 68 6f 73 74 00 00 00 00  # IFLA_IFNAME "vpn-host"
          08 00 04 00 78 05 00 00                          # IFLA_MTU 1400
          48 00 12 80                                      # IFLA_LINKINFO
            09 00 01 00 76 65 74 68 00 00 00 00            # IFLA_INFO_KIND "veth"
            38 00 02 80                                    # IFLA_INFO_DATA
              34 00 01 80                                  # VETH_INFO_PEER
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  # ifinfomsg of the peer
                0d 00 03 00 76 70 6e 2d 69 6e 69 74 00 00 00 00  # IFLA_IFNAME "vpn-init"
                08 00 04 00 78 05 00 00                          # IFLA_MTU 1400
                08 00 1c 00 09 00 00 00                          # IFLA_NET_NS_FD 9
          """))
  }

  // `ip link set dev wg0 netns FD name tunnel mtu 1400 alias work up`
  @Test func setEverything() throws {
    let message = try LinkMessage.set(
      index: 3, name: "tunnel", mtu: 1400, alias: "work", up: true, namespace: 5)
    #expect(
      message.header + message.attributes
        == wire(
          """
          00 00 00 00 03 00 00 00  # ifinfomsg: index 3
          01 00 00 00 01 00 00 00  # IFF_UP of IFF_UP
          08 00 1c 00 05 00 00 00                          # IFLA_NET_NS_FD 5
          0b 00 03 00 74 75 6e 6e 65 6c 00 00              # IFLA_IFNAME "tunnel"
          08 00 04 00 78 05 00 00                          # IFLA_MTU 1400
          08 00 14 00 77 6f 72 6b                          # IFLA_IFALIAS "work", no NUL
          """))
  }

  @Test(arguments: [
    (Bool?.none, "00 00 00 00 00 00 00 00"),  // ip link set dev lo mtu 1400
    (true, "01 00 00 00 01 00 00 00"),  // ip link set dev lo up
    (false, "00 00 00 00 01 00 00 00"),  // ip link set dev lo down
  ])
  func setChangesNoFlagButUp(up: Bool?, expected: String) throws {
    let message = try LinkMessage.set(index: 1, up: up)
    #expect(message.header == wire("00 00 00 00 01 00 00 00") + wire(expected))
    #expect(message.attributes.isEmpty && message.flags.isEmpty)
  }

  // `ip link delete dev vpn-host`
  @Test func delete() {
    #expect(
      LinkMessage.delete(index: 258).bytes(sequence: 3)
        == wire(
          """
          20 00 00 00 11 00 00 00 03 00 00 00 00 00 00 00  # RTM_DELLINK
          00 00 00 00 02 01 00 00 00 00 00 00 00 00 00 00  # ifinfomsg: index 258
          """))
  }

  // `ip link show dev wg0`, `ip link show`
  @Test func getAndList() throws {
    let empty = [UInt8](repeating: 0, count: 16)
    let byName = try LinkMessage.get(name: "wg0")
    #expect(byName.type == 18 && byName.header == empty)
    #expect(byName.attributes == wire("08 00 03 00 77 67 30 00"))
    #expect(LinkMessage.get(index: 2).header[4...7] == [2, 0, 0, 0])
    #expect(
      LinkMessage.list().bytes(sequence: 1, adding: [.request, .dump])
        == wire("20 00 00 00 12 00 01 03 01 00 00 00 00 00 00 00") + empty)
  }
}

@Suite struct LinkTests {
  // `ip -s link show dev vpn-host`
  @Test func readsAVethWhosePeerIsElsewhere() throws {
    let link = try Link(reply(Sample.veth))
    #expect(link.index == 2)
    #expect(link.name == "vpn-host")
    #expect(link.kind == "veth")
    #expect(link.mtu == 1400)
    #expect(link.alias == "nswg work")
    #expect(link.isUp)
    #expect(link.receivedBytes == 4096)
    #expect(link.transmittedBytes == 258)
    #expect(link.peerIndex == 2)
    #expect(link.linkNamespaceID == 0)
  }

  // `ip -s link show dev lo`
  @Test func readsALinkWithoutAKind() throws {
    let link = try Link(reply(Sample.loopback))
    #expect(link.name == "lo" && link.index == 1 && link.mtu == 65536)
    #expect(!link.isUp)
    #expect(link.kind == nil && link.alias == nil)
    #expect(link.peerIndex == nil && link.linkNamespaceID == nil)
  }

  @Test func throwsForAnotherKindOfObject() {
    #expect(throws: NetlinkError.self) { try Link(reply(Sample.address4)) }
  }
}
