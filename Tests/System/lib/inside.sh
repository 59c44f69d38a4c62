# inside.sh: what an instance made, as text to compare; each function prints one line or word.
# shellcheck shell=bash

# links NAMESPACE: the interfaces in it, but for lo.
links() { ip -n "$1" -oneline link show | sed -E 's/^[0-9]+: ([^:@]+).*/\1/' | grep -vx lo | sort | xargs; }

# addresses [-n NAMESPACE] LINK: with their prefix lengths, but for link-local ones.
addresses() {
  ip "${@:1:$#-1}" -oneline address show dev "${!#}" scope global | awk '{ print $4 }' | sort | xargs
}

# mtu [-n NAMESPACE] LINK
mtu() { ip "${@:1:$#-1}" -oneline link show "${!#}" | sed -E 's/.* mtu ([0-9]+) .*/\1/'; }

# wg_show NAMESPACE LINK [WHAT]: `wg show` of an interface inside. wireguard-go goes on under the name that the
# product started it with.
wg_show() {
  local started
  started=$(wg_socket_name "$1")
  if [ -S "/run/wireguard/$started.sock" ]; then
    wg show "$started" "${@:3}"
  else
    ip netns exec "$1" wg show "${@:2}"
  fi
}

# peer_has NAMESPACE LINK WHAT VALUE: of the interface's only peer.
peer_has() { same "$4" "$(wg_show "$1" "$2" "$3" | cut -f 2-)"; }

# public_key CONFIG_PATH: of the private key in it.
public_key() { sed -n 's/^WIREGUARD_PRIVATE_KEY=//p' "$1" | wg pubkey; }

# namespace_at PATH: the inode of a network namespace, by which namespaces differ.
namespace_at() { stat -Lc %i "$1"; }

# namespace_of UNIT: that of a service's main process, once that runs the service's program: a service may count as
# started while systemd, or since 255 systemd-executor, has yet to bring it there.
namespace_of() {
  local pid
  pid=$(systemctl show --property=MainPID --value "$1")
  [ "$pid" != 0 ] && within 10 runs_program "$pid" && namespace_at "/proc/$pid/ns/net"
}
# runs_program PID: and neither PID 1's nor systemd-executor.
runs_program() {
  local program
  program=$(readlink "/proc/$1/exe") && [[ $program != */systemd/systemd && $program != */systemd/systemd-executor ]]
}

# unit_is STATE UNIT...: each unit is active, inactive or failed.
unit_is() {
  local state=$1 unit
  shift
  for unit; do same "$unit $state" "$unit $(systemctl is-active "$unit")" || return; done
}

# wg_socket_name NAMESPACE: the name under which the product's wireguard-go is configured.
wg_socket_name() { printf 'nswg-%x' "$(stat -Lc %i "/run/netns/$1")"; }

# wg_showconf NAMESPACE LINK: `wg showconf` of an interface inside.
wg_showconf() {
  local started
  started=$(wg_socket_name "$1")
  if [ -S "/run/wireguard/$started.sock" ]; then wg showconf "$started"; else ip netns exec "$1" wg showconf "$2"; fi
}

# routes NAMESPACE LINK: where packets are sent into the interface, with the table.
routes() {
  local family
  for family in 4 6; do
    ip -N -"$family" -oneline -n "$1" route show table all dev "$2" type unicast |
      awk '$1 !~ /^fe80:/ { t = "main"; for (i = 2; i < NF; i++) if ($i == "table") t = $(i + 1); print $1, "table", t }'
  done | sort
}
