// What `systemd-analyze security` finds open in the services of the stages, and why it is: a comment
// in each unit, for whoever reads the one beside the other.

extension StageName {
  /// Lines, each with the settings that are not there or not stricter.
  var openPoints: [String] {
    switch self {
    case .netns: netnsOpenPoints + commonOpenPoints
    case .wg: wgOpenPoints + sandboxOpenPoints + commonOpenPoints
    case .tunnel: tunnelOpenPoints + sandboxOpenPoints + commonOpenPoints
    }
  }
}

private let commonOpenPoints = [
  "User=, PrivateUsers=, CapabilityBoundingSet=: netlink asks for CAP_NET_ADMIN, mount(2) and setns(2)"
    + " for CAP_SYS_ADMIN, in the first user namespace; the files are root's.",
  "RestrictNamespaces=: setns(2) into the VPN's namespace.",
  "RestrictAddressFamilies=: AF_NETLINK to the kernel, AF_UNIX to systemd and its journal.",
  "UMask=: what it writes below /run has no secret and is for all to read.",
  "RootDirectory=: its program and libraries are the host's.",
]

private let sandboxOpenPoints = [
  "PrivateNetwork=: it makes its interface from the host's network.",
  "ProtectSystem=: the record of what it made is below /run, which \"strict\" takes away.",
  "DeviceAllow=: ProtectClock= adds the clock, for reading.",
]

private let netnsOpenPoints = [
  "ProtectSystem=, ProtectHome=, ProtectProc=, ProcSubset=, ProtectKernelTunables=,"
    + " ProtectKernelModules=, ProtectKernelLogs=, ProtectControlGroups=, PrivateTmp=,"
    + " PrivateDevices=, PrivateMounts=: each makes a mount namespace, in which the name"
    + " below /run/netns would stay, for nobody else to see.",
  "SystemCallFilter=: mount(2), for that name.",
  "IPAddressDeny=: the namespace's own ICMPv6 socket, which answers its neighbours, is of this unit.",
  "DeviceAllow=: ProtectClock= adds the clock, for reading.",
]

private let wgOpenPoints = [
  "IPAddressDeny=, RestrictAddressFamilies=: it looks up names, and where the kernel has no"
    + " WireGuard the program in its place sends the tunnel's packets from this unit.",
  "DeviceAllow=: that program's /dev/net/tun.",
]

private let tunnelOpenPoints = [
  "ProtectKernelTunables=, ProcSubset=: a forwarded port takes a sysctl of the host's interface."
]
