#!/bin/bash
# runs-on: container
# limit: 3000
# Instances of different kinds started and stopped through systemd, all at once and out of step, NSWG_SOAK times in all
# (40 by default): of nothing there is more afterwards than before, in the system or in PID 1.
# shellcheck disable=SC2016,SC2317
set -u
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

cycles=${NSWG_SOAK:-40}
names=(full bare shown used)
ip link set lo up
check "provider 1 starts" provider_start 1
provider_default 1
ip link add lan0 type veth peer name lan1
ip link set lan0 addrgenmode none up
# With a tunnel, forwarded ports and name servers; with nothing; with a published port; with a service inside.
provider_config 1 full "TUNNEL_PORT_FORWARDS=lan0:80/tcp lan0:8080:80/tcp" WIREGUARD_DNS=10.64.1.1
provider_config 1 bare TUNNEL_ENABLE=no WIREGUARD_IP_ADDRESSES=10.64.1.3/32
provider_config 1 shown TUNNEL_ENABLE=no PUBLISH=127.0.0.1:9091:80 WIREGUARD_IP_ADDRESSES=10.64.1.4/32
provider_config 1 used ATTACH_UNITS=soak-web.service WIREGUARD_IP_ADDRESSES=10.64.1.5/32
cat >/run/systemd/system/soak-web.service <<'UNIT'
[Service]
Type=exec
ExecStart=systemd-socket-activate --listen=80 --accept --inetd /usr/lib/nswg-test/http-answer web
UNIT
systemctl daemon-reload

# cycle NAME TIMES: up and down again, that often; the attached service, too. Prints a line for each that went well.
cycle() {
  local name=$1 time units parts
  units=("$(target "$name")")
  [ "$name" != used ] || units+=(soak-web.service)
  parts=("${units[@]}" "$(unit netns "$name")" "$(unit wg "$name")")
  for ((time = 0; time < $2; time++)); do
    systemctl start "${units[@]}" && unit_is active "${parts[@]}" >&2 &&
      vpn_stop "$name" && within 10 not systemctl --quiet is-active "${parts[@]}" && echo "well"
  done
}
# soak TIMES: all instances at once; prints how many cycles went well.
soak() {
  local name
  for name in "${names[@]}"; do cycle "$name" "$1" & done | grep -c well
}

# namespaces: of the network, of processes or with a name.
namespaces() {
  { find /proc -maxdepth 3 -path '/proc/[0-9]*/ns/net' -exec stat -Lc %i {} + ; find /run/netns -type f -exec stat -Lc %i {} +; } 2>/dev/null | sort -u | wc -l
}
# descriptors: of PID 1; the fewest in a second, for connections come and go.
descriptors() { for _ in {1..5}; do find /proc/1/fd -type l | wc -l; sleep 0.2; done | sort -n | head -n 1; }
# counts: of what there is, a line for each kind; the memory of PID 1 is in KiB.
counts() {
  # On request the memory that is free goes back to the system, and units that are gone are forgotten.
  systemctl reset-failed && systemctl daemon-reload
  printf '%s %s\n' namespaces "$(namespaces)" links "$(ip -oneline link | wc -l)" mounts "$(wc -l </proc/1/mountinfo)" \
    tables "$(nft list tables | wc -l)" files "$(find /run /etc /tmp /var -xdev ! -path '*/log/journal/*' ! -path '/run/log/*' | wc -l)" \
    processes "$(pgrep -c '^(wireguard-go|nswg-)')" units "$(systemctl list-units --all --no-legend | wc -l)" \
    descriptors "$(descriptors)" memory "$(awk '/^VmRSS/ { print $2 }' /proc/1/status)"
}
# grown BEFORE AFTER: the kinds of which there is more. Memory counts from a mebibyte on: 2 KiB for each of 500 cycles.
grown() {
  paste -d ' ' <(echo "$1") <(echo "$2") | awk '$4 > $2 + ($1 == "memory" ? 1023 : 0) { print $1, "from", $2, "to", $4 }'
}
settled() { same "" "$(grown "$1" "$(counts)")"; }

echo "# once, for what the kernel and systemd make for good"
check "each runs" same "$((2 * ${#names[@]}))" "$(soak 2)"
sleep 2
before=$(counts) machine=$(snapshot)
check "nothing changes by counting" within 10 settled "$before"

echo "# the counters see what is left"
# sees KIND MAKE UNDO
sees() {
  local kind=$1 during
  eval "$2" || return
  during=$(counts)
  eval "$3" || return
  has "$(grown "$before" "$during")" "$kind from"
}
check "a namespace" sees namespaces 'ip netns add left' 'ip netns delete left'
check "one without a name" sees namespaces 'unshare --net sleep 60 & sleep 0.3' 'kill $!'
check "a mount" sees mounts 'ip netns add left' 'ip netns delete left'
check "a link" sees links 'ip link add left type veth peer name right' 'ip link delete left'
check "a table" sees tables 'nft add table inet left' 'nft delete table inet left'
check "a file" sees files 'touch /run/left' 'rm /run/left'
check "a unit" sees units 'systemd-run --quiet --unit=left sleep 60' 'systemctl stop left'
check "a process" sees processes 'wireguard-go -f left >/dev/null 2>&1 & sleep 0.5' 'kill $!'
# PID 1 holds the descriptors that a service gives it.
check "a descriptor of PID 1" sees descriptors \
  'systemd-run --quiet --socket-property=ListenStream=127.0.0.1:999 --unit=left true' 'systemctl stop left.socket'
check "then all is as before" within 20 settled "$before"

echo "# $cycles cycles"
each=$(((cycles + ${#names[@]} - 1) / ${#names[@]}))
before=$(counts)
began=$SECONDS
check "all of $((each * ${#names[@]})) succeed" same "$((each * ${#names[@]}))" "$(soak "$each")"
echo "# they took $((SECONDS - began)) s"
check "nothing is left" within 10 unchanged "$machine"
check "there is no more of anything" within 20 settled "$before"
after=$(counts)
paste -d ' ' <(echo "$before") <(echo "$after") | awk '{ print "# " $1 ": " $2 " before, " $4 " after" }'
check "no unit has failed" same "" "$(systemctl list-units --failed --no-legend --plain)"
# Last, for what PID 1 once had it keeps, and a later leak would hide in it.
make_units() {
  local n
  for n in {1..400}; do printf '[Unit]\nDescription=%04000d\n' 0 >"/run/systemd/system/left$n.target"; done
  systemctl daemon-reload && systemctl start left{1..400}.target
}
remove_units() { systemctl stop left{1..400}.target && rm /run/systemd/system/left*.target; }
before=$after
check "and the memory of PID 1 would have been seen to grow" sees memory make_units remove_units
finish
