#!/bin/bash
# start-stop.sh TABLE N:ROUNDS...
# systemd starts N VPNs at once, until all of their units are active, and stops them until none is: our units, and the
# original's three services and a target for each instance.
set -u
table=$1 stages=netns,wg,tunnel
shift
# shellcheck source=instance.sh
. /usr/lib/nswg-bench/instance.sh
fail() { echo "start-stop: $*" >&2; systemctl list-units --failed --no-pager | head -n 20 >&2; exit 1; }

/usr/lib/nswg-bench/original-units

# units PREFIX N: the targets of the first N instances, then all of their services.
units() {
  local prefix=$1 kind n
  for ((n = 1; n <= $2; n++)); do echo "$prefix@vpn$n.target"; done
  for kind in netns wg tunnel; do
    for ((n = 1; n <= $2; n++)); do echo "$prefix-$kind@vpn$n.service"; done
  done
}

# timed VARIANT N METRIC COMMAND...
timed() {
  local variant=$1 n=$2 what=$3 began=$EPOCHREALTIME took
  shift 3
  "$@" || fail "$what of $n, $variant"
  took=$((${EPOCHREALTIME/[.,]/} - ${began/[.,]/}))
  printf 'sample\t%s\t%s-%s\t%s\twall-us\t%s\n' "$table" "$variant" "$what" "$n" $took
}

# left PREFIX: whether a namespace has its name yet, or a service is not down. Systemd is asked for the units that it
# has loaded: to ask for each by its name would load them all again.
left() {
  compgen -G '/run/netns/*' >/dev/null ||
    [ -n "$(systemctl list-units --plain --no-legend --state=active,deactivating "$1-*@*.service")" ]
}

# stop PREFIX TARGET...: the targets, until all that they started has ended.
stop() {
  local prefix=$1
  shift
  systemctl stop "$@" || return
  while left "$prefix"; do sleep 0.01; done
}

# cycle VARIANT N: up, looked at, and down again.
cycle() {
  local all prefix=$1
  [ "$prefix" != nswg ] || prefix=namespaced-wireguard-vpn
  mapfile -t all < <(units "$prefix" "$2")
  timed "$1" "$2" start systemctl start "${all[@]:0:$2}"
  [ "$(systemctl is-active "${all[@]}" | grep -c '^active$')" = $((4 * $2)) ] || fail "not all of $1 is active"
  is_up "vpn$2" || fail "$1: the last one is not up"
  timed "$1" "$2" stop stop "$prefix" "${all[@]:0:$2}"
  # The kernel takes namespaces away in its own time.
  for _ in {1..200}; do
    ip -oneline link show type veth | grep -q . || break
    sleep 0.1
  done
  # The one mounts it in another way than the other, and that is part of what is measured.
  umount /run/netns
  sleep 1
}

ip link set lo up
most=0
for each; do [ "${each%:*}" -le "$most" ] || most=${each%:*}; done
for ((n = 1; n <= most; n++)); do write_instance "vpn$n" $n; done
systemctl daemon-reload
for variant in original nswg; do cycle "$variant" 1 >/dev/null; done      # modules and caches
for each; do
  echo "# ${each%:*} at once, ${each#*:} rounds"
  for ((round = 0; round < ${each#*:}; round++)); do
    if [ $((round % 2)) = 0 ]; then order=(nswg original); else order=(original nswg); fi
    for variant in "${order[@]}"; do cycle "$variant" "${each%:*}"; done
  done
done
