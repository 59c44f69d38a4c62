// The settings that do not depend on the configuration, a list per kind of service.
// See systemd.service(5) and systemd.exec(5).

/// One `NAME=value`.
typealias Setting = (name: String, value: String)

/// Of every service: a stage does its work and exits; what it made stays until the unit stops.
let commonSettings: [Setting] = [
  ("Type", "oneshot"),
  ("RemainAfterExit", "yes"),
  // Without it STATUS= is ignored; `main` would leave out ExecStopPost=.
  ("NotifyAccess", "exec"),
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

/// Of the service that makes the namespace.
///
/// systemd makes it (PrivateNetwork=), so that JoinsNamespaceOf= works; the stage binds it to its
/// name. Nothing here may give the service a mount namespace, or nobody else would see that bind:
/// since 254 PrivateNetwork= itself does, unless told not to (systemd/systemd#28686).
let netnsSettings: [Setting] = [
  ("TimeoutStartSec", "60s"),
  ("PrivateNetwork", "yes"),
  ("PrivateMounts", "no"),
  // mount(2); sysctls of the namespace.
  ("CapabilityBoundingSet", "CAP_SYS_ADMIN CAP_NET_ADMIN"),
  ("RestrictAddressFamilies", "AF_UNIX AF_NETLINK"),
  ("RestrictNamespaces", "net mnt"),
]

/// Of the services that work on a namespace that exists already.
let sandboxSettings: [Setting] = [
  // setns(2) wants CAP_SYS_ADMIN, everything else CAP_NET_ADMIN.
  ("CapabilityBoundingSet", "CAP_SYS_ADMIN CAP_NET_ADMIN"),
  ("RestrictNamespaces", "net"),
  ("ProtectSystem", "full"),
  ("ProtectHome", "yes"),
  ("PrivateTmp", "yes"),
  ("ProtectClock", "yes"),
  ("ProtectControlGroups", "yes"),
  ("ProtectHostname", "yes"),
  ("ProtectKernelLogs", "yes"),
  ("SystemCallFilter", "@system-service"),
  ("SystemCallErrorNumber", "EPERM"),
]

/// Of the service that makes the WireGuard interface.
let wgSettings: [Setting] =
  sandboxSettings + [
    ("ProtectKernelTunables", "yes"),
    // A host name may have to be resolved.
    ("TimeoutStartSec", "90s"),
    ("RestrictAddressFamilies", "AF_UNIX AF_NETLINK AF_INET AF_INET6"),
    // For the user-space program where the kernel has no WireGuard.
    ("DevicePolicy", "closed"),
    ("DeviceAllow", "/dev/net/tun rw"),
  ]

/// Of the service that makes the veth pair.
let tunnelSettings: [Setting] =
  sandboxSettings + [
    ("TimeoutStartSec", "60s"),
    ("RestrictAddressFamilies", "AF_UNIX AF_NETLINK"),
    ("PrivateDevices", "yes"),
  ]
