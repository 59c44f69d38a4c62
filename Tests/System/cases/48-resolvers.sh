#!/bin/bash
# Names in three layers, each of them alone: the resolver's files, the ways around them that are closed (nsswitch.conf
# and sockets), the filter. On a host whose systemd-resolved, nscd and avahi are glad to help.
# runs-on: container
# also-on: trixie
# limit: 120
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh
# shellcheck source=../lib/leak.sh
. /usr/lib/nswg-test/leak.sh

ip link set lo up
check "the host has a network" lan_start
check "with systemd-resolved, avahi and dnsmasq" resolvers_start
check "nscd runs" systemctl start nscd.service
check "provider 1 starts" provider_start 1
systemd-run --quiet --collect --service-type=exec --property=NetworkNamespacePath=/run/netns/provider1 --unit=names \
  dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --no-resolv --no-hosts --listen-address=10.64.1.1 \
  --bind-interfaces --log-queries --log-facility=/run/questions --address=/leak.test/10.64.1.1 --address=/short.example.org/10.64.1.1
cat >/etc/systemd/system/lookup.service <<'UNIT'
[Service]
Type=oneshot
EnvironmentFile=/run/name
ExecStart=getent ahostsv4 ${NAME}
UNIT
provider_config 1 work ATTACH_UNITS=lookup.service WIREGUARD_DNS=10.64.1.1,example.org
echo NAME=nobody >/run/name
systemctl daemon-reload
check "captures start" captures_start

# settings SETTING...: of lookup.service, after ours. look: it asks for a fresh name.
settings() {
  mkdir -p /run/systemd/system/lookup.service.d
  printf '%s\n' '[Service]' "$@" >/run/systemd/system/lookup.service.d/90-layer.conf
  systemctl daemon-reload
}
look() {
  name=libc$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n').leak.test
  echo "NAME=$name" >/run/name
  position=$(capture_position)
  systemctl start lookup.service 2>/dev/null
  looked=$?
}
outside() { captures_settle && capture_from "$position" | grep -F "$name" | grep -v veth-work0; }
by_vpn() { grep -q "query.*$name from 10.64.1.2" /run/questions; }
state=/run/namespaced-wireguard-vpn/work

echo "# the detector: none of the layers"
vpn_start work
none=(BindReadOnlyPaths= InaccessiblePaths=)
ip netns exec work nft flush ruleset
settings "${none[@]}"
look
check "the host's resolver answers from inside" test "$looked" = 0
check "and the question goes out in the open" has "$(outside)" "$name"
sed -i 's/^hosts:.*/hosts: files dns/' /etc/nsswitch.conf
look
check "so it does by nscd, with no word of resolved in nsswitch.conf" test "$looked" = 0
check "in the open" has "$(outside)" "$name"
sed -i 's/^hosts:.*/hosts: files mdns4_minimal [NOTFOUND=return] resolve [!UNAVAIL=return] dns/' /etc/nsswitch.conf

echo "# all of them"
vpn_stop work
rm /run/systemd/system/lookup.service.d/90-layer.conf
systemctl daemon-reload
vpn_start work
look
check "a name is known" test "$looked" = 0
check "by the VPN's server" by_vpn
check "nothing is seen outside" same "" "$(outside)"
sed -i 's/^NAME=.*/NAME=short/' /run/name
check "a search domain is searched" systemctl start lookup.service
check "by the VPN's server" grep -q 'query.*short.example.org from 10.64.1.2' /run/questions

echo "# the files alone"
ip netns exec work nft flush ruleset
settings "${none[@]}" "BindReadOnlyPaths=$state/resolver:/run/systemd/resolve" "InaccessiblePaths=/run/nscd"
look
check "a name is known" test "$looked" = 0
check "by the VPN's server" by_vpn
check "nothing is seen outside" same "" "$(outside)"
check "resolved restarts and writes its file anew" systemctl restart systemd-resolved.service
look
check "a name is known" test "$looked" = 0
check "nothing is seen outside" same "" "$(outside)"

echo "# the closed ways alone"
settings "${none[@]}" "BindReadOnlyPaths=$state/nsswitch.conf:/etc/nsswitch.conf" \
  "InaccessiblePaths=-/run/systemd/resolve/io.systemd.Resolve -/run/nscd -/run/avahi-daemon -/run/dbus/system_bus_socket"
look
check "the host's stub is not there to be asked" test "$looked" != 0
check "nothing is seen outside" same "" "$(outside)"
resolv_conf_file
look
check "a server of the host's, read from its file, is asked by the tunnel or not at all" same "" "$(outside)"
resolv_conf_link
check "resolvectl finds nobody" not systemd-run --quiet --wait --pipe --property=NetworkNamespacePath=/run/netns/work \
  --property=InaccessiblePaths=/run/dbus/system_bus_socket --property=InaccessiblePaths=/run/systemd/resolve/io.systemd.Resolve \
  resolvectl query one.leak.test

echo "# the filter alone"
systemctl stop nscd.service
sed -i 's/^hosts:.*/hosts: files dns/' /etc/nsswitch.conf
resolv_conf_file
vpn_stop work
vpn_start work
settings "${none[@]}"
look
check "the host's server may not be asked, not even by the tunnel" test "$looked" != 0
check "nothing is seen outside" same "" "$(outside)"
echo nameserver 10.64.1.1 >/etc/resolv.conf.new && mv /etc/resolv.conf.new /etc/resolv.conf
look
check "the VPN's may" test "$looked" = 0
check "by the tunnel" by_vpn
check "no packet was lost to the capture" same 0 "$(captures_stop)"
finish
