#!/bin/bash
# The faults of the original in tearing down and in meeting what is not its own; each check is named after one.
# The faults in reading the configuration and in secrets are in 21-regressions-config and 24-secrets.
# runs-on: container
# limit: 120
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1
provider_default 1
provider_config 1 work
systemctl daemon-reload
# Once up and down, so that everything the kernel and systemd make for good is there already.
check "an instance starts" vpn_start work
check "and stops" vpn_stop work
before=$(snapshot)

work=$(config_path work)
netns=$(unit netns work) wg=$(unit wg work) tunnel=$(unit tunnel work)
saved=/run/nswg-test/work.conf
cp "$work" "$saved"
# reload_with COMMAND...: edit the config and let systemd know.
reload_with() { "$@" && systemctl daemon-reload; }
restore() { reload_with cp "$saved" "$work"; }
clean_up() { vpn_stop work; systemctl reset-failed 'namespaced-wireguard-vpn*' 2>/dev/null; restore; }

echo "# IPv6 default route: the original never found out that there was one"
routes() { ip -n work "-$1" route show default; }
vpn_start work
check "IPv6 default route through the tunnel" has "$(routes 6)" 'default dev wg-work'
check "and is used" has "$(ip -n work route get 2001:db8:1::2)" 'dev wg-work'
check "IPv4 default route through the tunnel" has "$(routes 4)" 'default dev wg-work'
vpn_stop work
reload_with sed -i 's/^WIREGUARD_IP_ADDRESSES=.*/WIREGUARD_IP_ADDRESSES=10.64.1.2/' "$work"
check "without an IPv6 address the start succeeds" vpn_start work
check "with all its units" vpn_is_up work
check "and without an IPv6 route into the tunnel" same "" "$(ip -n work -6 route show dev wg-work)"
check "so IPv6 leads nowhere" not ip -n work route get 2001:db8:1::2
check "the IPv4 route is there" has "$(routes 4)" 'default dev wg-work'
check "and works" seen_as 10.64.1.2 1 4 ip netns exec work
clean_up

echo "# tunnel stop: the original deleted one end of the pair and failed on the other"
vpn_start work
check "tunnel stop succeeds" systemctl stop "$tunnel"
check "and the unit has not failed" same inactive "$(systemctl is-active "$tunnel")"
check "nor says that anything did" not grep -iE 'error|fail|cannot' <<<"$(unit_says "$tunnel" | grep 'nswg-stage\[')"
vpn_stop work
check "no unit has failed after a stop" same "" "$(systemctl list-units --failed --no-legend --plain)"
check "nothing is left" unchanged "$before"

echo "# a foreign namespace of the name: the original deleted it after its start had failed"
ip netns add work
ip -n work link add theirs type veth peer name their-peer
ip netns exec work sleep 600 &
sleeper=$!
# What can be told of the foreign namespace, its link and its process.
foreign() {
  stat -Lc 'namespace %d:%i' /run/netns/work
  ip -n work -o link show theirs | cut -d: -f1,2
  stat -Lc 'process in %d:%i' "/proc/$sleeper/ns/net"
}
is_inside() { same "$(namespace_at /run/netns/work)" "$(namespace_at "/proc/$sleeper/ns/net")"; }
check "a process is in it" within 5 is_inside
theirs=$(foreign)
check "this test sees all three" same 3 "$(grep -c . <<<"$theirs")"
check "the start fails" not vpn_start work
check "and says why" status_has "$netns" "'/run/netns/work' is there already and was not made for this VPN"
check "the foreign namespace is untouched" same "$theirs" "$(foreign)"
check "stop" vpn_stop work
check "untouched after the stop, too" same "$theirs" "$(foreign)"
check "down by hand" stage netns down work
check "untouched after that, too" same "$theirs" "$(foreign)"
check "no state was written" not test -e /run/namespaced-wireguard-vpn/work
kill "$sleeper"
ip netns delete work
clean_up
check "nothing is left" within 5 unchanged "$before"

echo "# foreign links of our names"
# link_identity [-n NAMESPACE] NAME: index, address and kind, by which a link made anew differs.
link_identity() { ip -details -oneline "${@:1:$#-1}" link show "${!#}" | grep -oE '^[0-9]+:|link/ether [0-9a-f:]+| veth '; }
systemctl start "$netns"
ip -n work link add wg-work type veth peer name their-peer
theirs=$(link_identity -n work wg-work)
check "WireGuard's name inside: the start fails" not systemctl start "$wg"
check "and says why" status_has "$wg" "there is an interface 'wg-work' in the namespace that is not ours"
check "the foreign link is untouched" same "$theirs" "$(link_identity -n work wg-work)"
check "stop" systemctl stop "$wg"
check "down by hand" stage wg down work
check "untouched after that, too" same "$theirs" "$(link_identity -n work wg-work)"
ip -n work link delete wg-work
check "with the foreign link gone the start succeeds" vpn_start work
clean_up
check "nothing is left" within 5 unchanged "$before"

for name in veth-work0 veth-work1; do
  side=(-n work) key=TUNNEL_VPN_NAME
  [ "$name" = veth-work1 ] || side=() key=TUNNEL_INIT_NAME
  systemctl start "$netns"
  ip "${side[@]}" link add "$name" type veth peer name their-peer
  theirs=$(link_identity "${side[@]}" "$name")
  check "$name of somebody else: the start of the tunnel fails" not systemctl start "$tunnel"
  check "and says why" status_has "$tunnel" "there is an interface '$name'"
  check "and how to choose another name" status_has "$tunnel" "choose another name with $key="
  check "the foreign link is untouched" same "$theirs" "$(link_identity "${side[@]}" "$name")"
  check "stop" systemctl stop "$tunnel"
  check "untouched after the stop, too" same "$theirs" "$(link_identity "${side[@]}" "$name")"
  check "no half of a pair is left on the host" not grep -w veth-work0 <<<"$(ip -o link | grep -v "$name")"
  ip "${side[@]}" link delete "$name"
  clean_up
done
check "nothing is left" within 5 unchanged "$before"
ip link add wg-work type veth peer name their-peer
theirs=$(link_identity wg-work)
check "WireGuard's name needs to be unique inside only: the start succeeds" vpn_start work
check "a link of that name on the host is untouched" same "$theirs" "$(link_identity wg-work)"
vpn_stop work
check "untouched after the stop, too" same "$theirs" "$(link_identity wg-work)"
ip link delete wg-work

echo "# the original reads the config again to stop"
vpn_start work
reload_with sh -c "printf '%s\n' NETNS_NAME=other WIREGUARD_NAME=wg-other TUNNEL_INIT_NAME=veth-other >>$work"
check "the units name the new namespace" has "$(systemctl cat "$netns")" 'namespace other'
check "NETNS_NAME changed while running: the stop succeeds" vpn_stop work
check "and leaves no orphan" within 5 unchanged "$before"
check "the next start makes the new one" vpn_start work
check "under its name" test -e /run/netns/other
check "and not the old one" not test -e /run/netns/work
clean_up
check "nothing is left" within 5 unchanged "$before"

vpn_start work
reload_with sed -i 's/^WIREGUARD_ENDPOINT=.*/WIREGUARD_ENDPOINT=192.0.2.2/' "$work"
check "the units know that the file is broken" has "$(systemctl cat "$wg")" 'has no port'
check "config broken while running: it still runs" vpn_is_up work
check "the stop succeeds" vpn_stop work
check "and leaves nothing" within 5 unchanged "$before"
clean_up

# Its unit file is gone then, and with it its stop command: what is on the network must go all the same.
# network_as BEFORE: no more namespaces, links, addresses, routes or processes than in that snapshot.
network_as() {
  local network='^(namespace|link|address|route[46]|process|mount /run/netns)'
  diff -U 0 <(grep -E "$network" <<<"$1") <(snapshot | grep -E "$network")
}
vpn_start work
check "a tunnel that runs is seen" not network_as "$before"
reload_with sh -c "echo TUNNEL_ENABLE=0 >>$work"
check "tunnel switched off while running: the stop succeeds" systemctl stop "$(target work)"
check "and the network is as before" within 10 network_as "$before"
systemctl stop "$tunnel"
restore
vpn_start work
reload_with sh -c "echo TUNNEL_ENABLE=0 >>$work"
check "switched off, and the target restarted, as the manual says: it is up" systemctl restart "$(target work)"
check "without the tunnel" unit_is inactive "$tunnel"
check "which has not failed" not systemctl is-failed "$tunnel"
check "nor has anything else" unit_is active "$(target work)" "$(unit netns work)" "$(unit wg work)"
vpn_stop work
restore
check "switched on again: it starts" vpn_start work
check "with all its units" vpn_is_up work
check "it stops" vpn_stop work
check "nothing is left" within 5 unchanged "$before"

echo "# config deleted while running"
vpn_start work
reload_with rm "$work"
check "config deleted: it still runs" seen_as 10.64.1.2 1 4 ip netns exec work
check "the stop of the target succeeds" vpn_stop work
check "and leaves nothing" within 5 unchanged "$before"
restore
check "the file restored: it starts" vpn_start work
check "with all its units" vpn_is_up work
check "and works" seen_as 10.64.1.2 1 4 ip netns exec work
reload_with rm "$work"
for stage in tunnel wg netns; do
  check "config deleted: the stop of its $stage unit succeeds" systemctl stop "$(unit "$stage" work)"
done
check "and leaves nothing" within 5 unchanged "$before"
restore
check "the file restored: it starts" vpn_start work
check "and stops" vpn_stop work
check "nothing is left" within 5 unchanged "$before"
check "no unit has failed" same "" "$(systemctl list-units --failed --no-legend --plain)"
finish
