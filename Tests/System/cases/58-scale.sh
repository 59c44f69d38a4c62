#!/bin/bash
# Thousands of peers with tens of thousands of networks in one instance, and many instances at once: all is there, a
# reload changes what has changed, and nothing is left.
# runs-on: container vm
# also-on: trixie
# limit: 90
set -u
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

# In the virtual machine everything takes some ten times as long. Of 128 users of inotify, which is what all containers
# together may have, each wireguard-go is one.
peers=5000 instances=40
[ "$NSWG_KIND" = container ] || { peers=1000 instances=15; }
each=10

ip link set lo up
check "provider 1 starts" provider_start 1
provider_default 1
before=$(snapshot)
path=$(config_path big) wg=$(unit wg big)

# took WHAT COMMAND...: as check; says how long it took.
took() {
  local began=${EPOCHREALTIME/./} what=$1
  check "$@"
  echo "# $what: $(((${EPOCHREALTIME/./} - began) / 1000)) ms"
}
# as_written: every network of every peer is allowed, and has its route.
as_written() {
  same "$(written_networks "$path" | cksum)" "$(present_networks big wg-big | cksum)" &&
    same "$(written_networks "$path" | awk '{ print $2 }' | sed 's|/32$||' | sort | cksum)" \
      "$(routes big wg-big | awk '{ print $1 }' | sort | cksum)"
}
count_routes() { routes big wg-big | wc -l; }
status_text() { systemctl show --property=StatusText --value "$wg"; }

echo "# $peers peers with $each networks each"
large_config 1 big "$peers" "$each"
echo "# the file has $(stat -c %s "$path") bytes"
check "nswg-stage check finds no fault" stage check "$path"
took "daemon-reload" systemctl daemon-reload
took "it comes up" vpn_start big
check "with all units" vpn_is_up big
check "the status fits" has "$(status_text)" " and $((peers - 7)) more, MTU "
check "the interface has all peers" same $((peers + 1)) "$(wg_show big wg-big peers | wc -l)"
check "and all networks" same $((peers * each + 1)) "$(present_networks big wg-big | wc -l)"
check "and routes" same $((peers * each + 1)) "$(count_routes)"
check "the first" has "$(wg_show big wg-big allowed-ips)" "peer$(printf %038d 0)0="$'\t'"10.65.0."
check "those of the file" as_written
check "packets pass" seen_as 10.64.1.2 1 4 ip netns exec big
check "the guard lets in who is inside" ip netns exec big /usr/lib/namespaced-wireguard-vpn/nswg-stage assert big

echo "# a reload"
took "without a change" systemctl reload "$wg"
check "it says so" has "$(status_text)" "; reloaded: nothing has changed"
last="10.$((65 + (peers * each - 1) / 65536)).$(((peers * each - 1) / 256 % 256)).$(((peers * each - 1) % 256))/32"
sed -i "s|, $last\$|, 10.99.0.1/32|" "$path"
many_peers 1 "$each" "$peers" >>"$path"
check "nswg plan names the difference" has "$(nswg plan 2>&1)" "1 peer changed (allowed addresses +10.99.0.1/32 −$last)"
took "with one peer changed and one added" systemctl reload "$wg"
check "it says so" has "$(status_text)" "1 peer added, 1 peer changed (allowed addresses +10.99.0.1/32 −$last), route +"
check "the interface is as the file says" as_written
check "packets pass" seen_as 10.64.1.2 1 4 ip netns exec big

echo "# looking on"
took "nswg status" nswg status big --json
check "shows all peers" same $((peers + 2)) "$(nswg status big --json | grep -o '"allowed_ips":' | wc -l)"
took "nswg metrics" nswg metrics
check "counts the bytes of all peers" same $((peers + 2)) "$(nswg metrics | grep -c '^namespaced_wireguard_vpn_.*receive.*instance="big"')"
took "nswg list" nswg list
took "it goes down" vpn_stop big
rm "$path"
systemctl daemon-reload
check "nothing is left" within 10 unchanged "$before"

echo "# $instances instances"
many_configs 1 "$instances"
names=() targets=()
for ((i = 1; i <= instances; i++)); do names+=("c$i") targets+=("$(target "c$i")"); done
took "daemon-reload" systemctl daemon-reload
took "all start at once" systemctl start "${targets[@]}"
check "all units are active" same $((2 * instances)) "$(units_in active)"
check "there is a namespace for each" same "$instances" "$(find /run/netns -name 'c[0-9]*' | wc -l)"
check "each a different one" same "$instances" "$(find /run/netns -name 'c[0-9]*' -exec stat -c %i {} + | sort -u | wc -l)"
# interfaces: how many of the namespaces have theirs, up.
interfaces() {
  local name
  for name in "${names[@]}"; do ip -n "$name" -oneline link show up dev "wg-$name"; done | grep -c .
}
check "and in each its interface" same "$instances" "$(interfaces)"
took "nswg list" nswg list
check "shows all of them" same "$instances" "$(nswg list | grep -c '^c[0-9]')"
none_active() { same 0 "$(units_in active,activating,deactivating)"; }
took "all stop at once" systemctl stop "${targets[@]}"
took "and are down in the end" within 60 none_active
rm /etc/namespaced-wireguard-vpn.d/c*.conf
systemctl daemon-reload
check "nothing is left" within 30 unchanged "$before"
finish
