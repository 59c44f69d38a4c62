import Netlink
import Testing

/// Frames as kernel 6.18 sent them, shortened to the attributes that matter and a few to skip.
enum Sample {
  static let veth =
    wire(
      """
      30 01 00 00 10 00 00 00 01 00 00 00 42 59 00 00  # RTM_NEWLINK, 304 bytes
      00 00 01 00 02 00 00 00 03 10 00 00 00 00 00 00  # ifinfomsg: Ethernet, 2, UP | BROADCAST | ...
      0d 00 03 00 76 70 6e 2d 68 6f 73 74 00 00 00 00  # IFLA_IFNAME "vpn-host"
      08 00 0d 00 e8 03 00 00 05 00 10 00 02 00 00 00  # IFLA_TXQLEN, IFLA_OPERSTATE
      08 00 04 00 78 05 00 00                          # IFLA_MTU 1400
      0e 00 14 00 6e 73 77 67 20 77 6f 72 6b 00 00 00  # IFLA_IFALIAS "nswg work"
      0a 00 01 00 a2 cc 62 6e 8d 32 00 00              # IFLA_ADDRESS
      """) + [0xa8, 0, 0x17, 0]  // IFLA_STATS64, 168 bytes
    + wire(
      """
      03 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00  # rx_packets, tx_packets
      00 10 00 00 00 00 00 00 02 01 00 00 00 00 00 00  # rx_bytes 4096, tx_bytes 258
      """) + [UInt8](repeating: 0, count: 132)
    + wire(
      """
      10 00 12 00 09 00 01 00 76 65 74 68 00 00 00 00  # IFLA_LINKINFO { IFLA_INFO_KIND "veth" }
      08 00 25 00 00 00 00 00                          # IFLA_LINK_NETNSID 0
      08 00 05 00 02 00 00 00                          # IFLA_LINK 2
      04 00 3e 80                                      # IFLA_PROP_LIST, empty
      """)

  static let loopback =
    wire(
      """
      34 00 00 00 10 00 00 00 01 00 00 00 42 59 00 00  # RTM_NEWLINK
      00 00 04 03 01 00 00 00 08 00 00 00 00 00 00 00  # ifinfomsg: loopback, 1, LOOPBACK
      07 00 03 00 6c 6f 00 00                          # IFLA_IFNAME "lo"
      08 00 04 00 00 00 01 00                          # IFLA_MTU 65536
      """) + [4, 0, 0x3e, 0x80]

  static let address4 = wire(
    """
    54 00 00 00 14 00 22 00 01 00 00 00 42 59 00 00  # RTM_NEWADDR
    02 1e 80 00 02 00 00 00                          # AF_INET, /30, PERMANENT, 2
    08 00 01 00 0a 7f 00 01 08 00 02 00 0a 7f 00 01  # IFA_ADDRESS, IFA_LOCAL 10.127.0.1
    0d 00 03 00 76 70 6e 2d 68 6f 73 74 00 00 00 00  # IFA_LABEL "vpn-host"
    08 00 08 00 80 00 00 00                          # IFA_FLAGS
    14 00 06 00 ff ff ff ff ff ff ff ff 11 7d 02 00 11 7d 02 00  # IFA_CACHEINFO
    """)

  static let address6 = wire(
    """
    48 00 00 00 14 00 22 00 01 00 00 00 42 59 00 00  # RTM_NEWADDR
    0a 40 82 00 02 00 00 00                          # AF_INET6, /64, PERMANENT | NODAD, 2
    14 00 01 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01  # IFA_ADDRESS fd00::1
    14 00 06 00 ff ff ff ff ff ff ff ff 11 7d 02 00 11 7d 02 00  # IFA_CACHEINFO
    08 00 08 00 82 02 00 00                          # IFA_FLAGS: and NOPREFIXROUTE
    """)

  static let route4 = wire(
    """
    48 00 00 00 18 00 22 00 01 00 00 00 42 59 00 00  # RTM_NEWROUTE
    02 18 00 00 fe 04 fd 01 10 00 00 00  # AF_INET, /24, main, RTPROT_STATIC, link, RTN_UNICAST
    08 00 0f 00 fe 00 00 00              # RTA_TABLE 254
    08 00 01 00 c0 00 02 00              # RTA_DST 192.0.2.0
    08 00 06 00 32 00 00 00              # RTA_PRIORITY 50
    0c 00 08 00 08 00 02 00 00 05 00 00  # RTA_METRICS { RTAX_MTU 1280 }
    08 00 04 00 02 00 00 00              # RTA_OIF 2
    """)

  static let unreachable6 = wire(
    """
    60 00 00 00 18 00 22 00 01 00 00 00 42 59 00 00  # RTM_NEWROUTE
    0a 00 00 00 fe 03 00 07 00 00 00 00  # AF_INET6, /0, main, RTPROT_BOOT, RTN_UNREACHABLE
    08 00 0f 00 fe 00 00 00              # RTA_TABLE 254
    08 00 06 00 00 20 00 ff              # RTA_PRIORITY 4278198272
    08 00 04 00 01 00 00 00              # RTA_OIF 1
    24 00 0c 00 00 00 00 00 00 00 00 00 00 00 00 00  # RTA_CACHEINFO
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
    05 00 14 00 00 00 00 00              # RTA_PREF
    """)

  static let routeLookup = wire(
    """
    48 00 00 00 18 00 00 00 01 00 00 00 42 59 00 00  # RTM_NEWROUTE
    02 20 00 00 fe 00 00 01 00 02 00 00  # AF_INET, /32, main, RTN_UNICAST, RTM_F_CLONED
    08 00 0f 00 fe 00 00 00              # RTA_TABLE 254
    08 00 01 00 cb 00 71 07              # RTA_DST 203.0.113.7
    08 00 04 00 02 00 00 00              # RTA_OIF 2
    08 00 07 00 c0 00 02 05              # RTA_PREFSRC 192.0.2.5
    08 00 05 00 c0 00 02 01              # RTA_GATEWAY 192.0.2.1
    04 00 08 00                          # RTA_METRICS, empty
    """)

  static let family = wire(
    """
    34 00 00 00 10 00 00 00 01 00 00 00 42 59 00 00
    01 02 00 00                                      # CTRL_CMD_NEWFAMILY
    0e 00 02 00 77 69 72 65 67 75 61 72 64 00 00 00  # CTRL_ATTR_FAMILY_NAME "wireguard"
    06 00 01 00 1d 00 00 00                          # CTRL_ATTR_FAMILY_ID 29
    08 00 03 00 01 00 00 00                          # CTRL_ATTR_VERSION 1
    """)
}
