#!/bin/bash
# The original's single file, with its unit names: existing drop-ins go on to work, and namespaced-wireguard-vpn.target
# is started, stopped and enabled as before. Beside it there may be VPNs of the new kind, which that target starts, too.
# runs-on: container
# also-on: trixie
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

old=namespaced-wireguard-vpn
all=$old.target
old_units=("$old-interface.service" "$old-netns.service" "$old-tunnel.service")
old_file=/etc/$old/$old.conf
new_units=("$(target work)" "$(unit netns work)" "$(unit wg work)" "$(unit tunnel work)")

ip link set lo up
for n in 1 2; do check "provider $n starts" provider_start "$n"; done
provider_default 1
write_old() {
  provider_config 1 "$old_file" NETNS_NAME=vpn WIREGUARD_NAME=wg-vpn WIREGUARD_INITIAL_MTU=1420 \
    TUNNEL_INIT_NAME=veth-vpn0 TUNNEL_INIT_IP_ADDRESSES=10.127.0.1/24 TUNNEL_VPN_NAME=veth-vpn1 \
    TUNNEL_VPN_IP_ADDRESSES=10.127.0.2/24
}
write_old
printf '[Service]\nExecStart=sleep infinity\n' >/etc/systemd/system/daemon.service
mkdir /etc/systemd/system/daemon.service.d
cat >/etc/systemd/system/daemon.service.d/10-vpn-netns.conf <<UNIT
[Unit]
BindsTo=$old-netns.service
After=$old-netns.service
JoinsNamespaceOf=$old-netns.service

[Service]
PrivateNetwork=yes
UNIT
systemctl daemon-reload
before=$(snapshot)

# old_is STATE, new_is STATE: all units of the old or of the new kind are active or inactive.
old_is() { unit_is "$1" "${old_units[@]}"; }
new_is() { unit_is "$1" "${new_units[@]}"; }
all_is() { unit_is "$1" "$all" && old_is "$1" && new_is "$1"; }
old_works() { seen_as 10.64.1.2 1 4 ip netns exec vpn; }
new_works() { seen_as 10.64.2.2 2 4 ip netns exec work; }

echo "# the old file alone"
check "its units have the old names, and no others are there" same "${old_units[*]}" \
  "$(systemctl list-unit-files --no-legend "$old*" | awk '$2 == "generated" { print $1 }' | sort | xargs)"
check "the target starts" systemctl start "$all"
check "and with it all units" old_is active
check "the target itself" unit_is active "$all"
check "the interfaces inside are those of the file" same "veth-vpn1 wg-vpn" "$(links vpn)"
check "the MTU, too" same 1420 "$(mtu -n vpn wg-vpn)"
check "the VPN works" old_works
check "the host reaches the tunnel's end" ping -c 1 -W 2 10.127.0.2
check "messages name the old file" has "$(systemctl cat "$old-netns.service")" "SourcePath=$old_file"
check "a service with an existing drop-in starts" systemctl start daemon.service
check "and is in the namespace" same "$(namespace_at /run/netns/vpn)" "$(namespace_of daemon.service)"
check "which is not the host's" not same "$(namespace_at /proc/1/ns/net)" "$(namespace_of daemon.service)"
check "the target stops" systemctl stop "$all"
check "and with it all units" within 10 old_is inactive
check "and the service" within 10 unit_is inactive daemon.service
check "nothing is left" within 10 unchanged "$before"

echo "# enable"
check "the target can be enabled" systemctl enable "$all"
check "for the boot" same "$all" "$(systemctl show --property=Wants --value multi-user.target | tr ' ' '\n' | grep "^$old")"
check "systemctl says so" same enabled "$(systemctl is-enabled "$all")"
check "enable --now starts" systemctl enable --now "$all"
check "it is up" old_is active
check "disable --now stops" systemctl disable --now "$all"
check "it is down" within 10 old_is inactive
check "and not wanted by the boot any more" not grep "$old" <<<"$(systemctl show --property=Wants --value multi-user.target)"

echo "# beside a VPN of the new kind"
provider_config 2 work
systemctl daemon-reload
check "the new one alone starts" vpn_start work
check "it is up" new_is active
check "the old one is not" old_is inactive
check "the old one's interface starts, and what it needs" systemctl start "$old-interface.service"
check "both work at the same time: the old one" old_works
check "the new one" new_works
check "in two namespaces" not same "$(namespace_at /run/netns/vpn)" "$(namespace_at /run/netns/work)"
check "the target of all starts what is missing" systemctl start "$all"
check "all are up" all_is active
check "the new one stops alone" vpn_stop work
check "the old one works on" old_works
check "with all its units" old_is active
check "the target of all starts the new one again" systemctl start "$all"
check "all are up" within 10 all_is active
check "the target of all stops" systemctl stop "$all"
check "and with it everything" within 10 all_is inactive
check "nothing is left" within 10 unchanged "$before"

check "the target of all starts both at once" systemctl start "$all"
check "all are up" all_is active
invocations() { systemctl show --property=InvocationID --value "${old_units[@]}" | grep . | sort; }
earlier=$(invocations)
check "three old units are there to restart" same 3 "$(wc -l <<<"$earlier")"
check "it restarts" systemctl restart "$all"
check "all are up" within 10 all_is active
check "and each old one is a new run" same "" "$(comm -12 <(echo "$earlier") <(invocations))"
check "the old one works" old_works
check "the new one, too" new_works
check "the target of all stops" systemctl stop "$all"
check "and with it everything" within 10 all_is inactive

echo "# a fault in the old file"
sed -i 's/^WIREGUARD_ENDPOINT=.*/WIREGUARD_ENDPOINT=192.0.2.2/' "$old_file"
systemctl daemon-reload
check "the target of all cannot start all" not systemctl start "$all"
check "the old units say why" status_has "$old-netns.service" "$old_file:$(grep -n '^WIREGUARD_ENDPOINT' "$old_file" | cut -d : -f 1):"
check "the service with the drop-in does not start" not systemctl start daemon.service
check "the new one is up all the same" within 10 new_is active
check "and works" new_works
vpn_stop work
systemctl reset-failed
write_old
systemctl daemon-reload
check "with the fault put right all start" systemctl start "$all"
check "all are up" all_is active
systemctl stop "$all"
check "nothing is left in the end" within 10 unchanged "$before"
finish
