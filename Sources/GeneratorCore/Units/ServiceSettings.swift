// The settings that do not depend on the configuration, a list per kind of service.
// See systemd.service(5) and systemd.exec(5); what they come to, systemd-analyze(1) "security".

/// One `NAME=value`.
typealias Setting = (name: String, value: String)

/// Of every service: a stage does its work and exits; what it made stays until the unit stops.
let commonSettings: [Setting] = [
  ("Type", "oneshot"),
  ("RemainAfterExit", "yes"),
  // Without it STATUS= is ignored; `main` would leave out ExecStopPost=.
  ("NotifyAccess", "exec"),
  // Of hundreds that are stopped at once the last would pass the usual 90 seconds; and one that is
  // ended leaves what it was to take away.
  ("TimeoutStopSec", "5min"),
]

/// Safe with every stage; none of these asks for a mount namespace.
let hardeningSettings: [Setting] = [
  ("NoNewPrivileges", "yes"),
  ("LockPersonality", "yes"),
  ("MemoryDenyWriteExecute", "yes"),
  ("RestrictRealtime", "yes"),
  ("RestrictSUIDSGID", "yes"),
  ("SystemCallArchitectures", "native"),
]

/// Of every stage; none of these asks for a mount namespace either.
let stageSettings: [Setting] = [
  // setns(2) and mount(2) want CAP_SYS_ADMIN, everything else CAP_NET_ADMIN.
  ("CapabilityBoundingSet", "CAP_SYS_ADMIN CAP_NET_ADMIN"),
  ("RestrictNamespaces", "net"),
  ("ProtectClock", "yes"),
  ("ProtectHostname", "yes"),
  ("SystemCallFilter", "@system-service"),
  ("SystemCallFilter", "~@privileged @resources"),
  ("SystemCallErrorNumber", "EPERM"),
]

/// Of the service that makes the namespace.
///
/// systemd makes it (PrivateNetwork=), so that JoinsNamespaceOf= works; the stage binds it to its
/// name. Nothing here may give the service a mount namespace, or nobody else would see that bind:
/// since 254 PrivateNetwork= itself does, unless told not to (systemd/systemd#28686).
let netnsSettings: [Setting] =
  [
    ("TimeoutStartSec", "60s"),
    ("PrivateNetwork", "yes"),
    ("PrivateMounts", "no"),
  ] + stageSettings + [
    ("RestrictAddressFamilies", "AF_UNIX AF_NETLINK"),
    ("SystemCallFilter", "mount umount2 open_tree mount_setattr move_mount"),
    ("DevicePolicy", "closed"),
  ]

/// Of the services that work on a namespace that exists already, in a mount namespace of their own.
let sandboxSettings: [Setting] =
  stageSettings + [
    ("ProtectSystem", "full"),
    ("ProtectHome", "yes"),
    ("PrivateTmp", "yes"),
    ("PrivateDevices", "yes"),
    ("ProtectControlGroups", "yes"),
    ("ProtectKernelLogs", "yes"),
    // The kernel loads the module for a new link itself, with its own rights.
    ("ProtectKernelModules", "yes"),
    ("ProtectProc", "invisible"),
  ]

/// Of the service that makes the WireGuard interface.
let wgSettings: [Setting] =
  sandboxSettings + [
    ("ProtectKernelTunables", "yes"),
    ("ProcSubset", "pid"),
    // A host name may have to be resolved.
    ("TimeoutStartSec", "90s"),
    ("RestrictAddressFamilies", "AF_UNIX AF_NETLINK AF_INET AF_INET6"),
    // For the user-space program where the kernel has no WireGuard.
    ("BindPaths", "-/dev/net/tun"),
    ("DeviceAllow", "/dev/net/tun rw"),
  ]

/// Of the service that makes the veth pair.
let tunnelSettings: [Setting] =
  sandboxSettings + [
    ("RestrictAddressFamilies", "AF_UNIX AF_NETLINK"),
    ("IPAddressDeny", "any"),
    ("TimeoutStartSec", "60s"),
  ]

/// All of these for the service that runs a stage.
func startLines(of stage: StageName) -> UnitLines {
  switch stage {
  case .netns: netnsLines
  case .wg: wgLines
  case .tunnel: tunnelLines
  }
}

/// Of a service that only stops what the stage has made, also while that still runs: so nothing
/// that would count for the processes that are there, such as IPAddressDeny=.
func stopLines(of stage: StageName) -> UnitLines {
  switch stage {
  case .netns: stopNetnsLines
  case .wg: wgLines
  case .tunnel: tunnelLines
  }
}

private let netnsLines = lines(netnsSettings, .netns)
private let stopNetnsLines = lines(netnsSettings.filter { $0.name != "PrivateNetwork" }, .netns)
private let wgLines = lines(wgSettings, .wg)
private let tunnelLines = lines(tunnelSettings, .tunnel)

private func lines(_ settings: [Setting], _ stage: StageName) -> UnitLines {
  UnitLines(
    commonSettings + settings + hardeningSettings,
    comments: ["What systemd-analyze security finds open, and why:"] + stage.openPoints)
}
