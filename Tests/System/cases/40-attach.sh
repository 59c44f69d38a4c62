#!/bin/bash
# Services that a file attaches run inside its namespace or not at all: services, sockets, templates, unprivileged
# and sandboxed ones, with broken and deleted files, and by a drop-in written by hand.
# runs-on: container
# also-on: trixie
# limit: 120
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1
provider_default 1
work=$(config_path work)
netns=$(unit netns work)
wg=$(unit wg work)
# daemon UNIT [SETTING...]: a service that sleeps, in a file as a package would install it.
daemon() {
  local unit=$1
  shift
  { echo '[Service]'; echo 'ExecStart=sleep infinity'; printf '%s\n' "$@"; } >"/etc/systemd/system/$unit"
}
host=$(namespace_at /proc/1/ns/net)
# in_host UNIT, in_work UNIT: where its main process is.
in_host() { same "$host" "$(namespace_of "$1")"; }
in_work() { same "$(namespace_at /run/netns/work)" "$(namespace_of "$1")"; }
# refuses UNIT: it does not start, and no process of it runs.
refuses() { not systemctl start "$1" && same 0 "$(systemctl show --property=MainPID --value "$1")"; }
# configure [KEY=VALUE | !KEY]...: a new client; systemd is reloaded.
configure() { provider_config 1 work "$@" && systemctl daemon-reload; }

echo "# attached, and started before the VPN"
daemon plain.service
daemon user.service User=nobody
daemon dynamic.service DynamicUser=yes ProtectSystem=strict ProtectProc=invisible ProcSubset=pid \
  RestrictNamespaces=yes PrivateUsers=yes NoNewPrivileges=yes "SystemCallFilter=@system-service" \
  "CapabilityBoundingSet="
daemon many@.service
units="plain.service user.service dynamic.service many@.service"
configure
before=$(snapshot)
check "without the key it runs on the host" systemctl start plain.service
check "where the detector sees it" in_host plain.service
systemctl stop plain.service
configure "ATTACH_UNITS=\"$units\""
for unit in plain.service user.service dynamic.service many@one.service; do
  check "$unit starts" systemctl start "$unit"
  check "and is inside" in_work "$unit"
done
check "it brought the VPN up" within 10 vpn_is_up work
check "which works" seen_as 10.64.1.2 1 4 ip netns exec work
check "the drop-in says where it comes from" has "$(systemctl cat plain.service)" "from $work"

echo "# what the drop-in holds"
property() { systemctl show --property="$2" --value "$1"; }
check "NetworkNamespacePath=" same /run/netns/work "$(property plain.service NetworkNamespacePath)"
check "BindsTo=" same "$netns" "$(property plain.service BindsTo)"
check "After=" has " $(property plain.service After) " " $netns "
check "the guard" has "$(property plain.service ExecStartPre)" "nswg-stage assert work"

echo "# the VPN stops"
check "the target stops" vpn_stop work
check "and so do the services" within 10 unit_is inactive plain.service user.service dynamic.service many@one.service
check "nothing is left" within 10 unchanged "$before"

echo "# units stop and restart"
configure "ATTACH_UNITS=plain.service"
systemctl start plain.service
check "the WireGuard unit stops, and with it the VPN" systemctl stop "$wg"
check "the service does not go on without" within 10 unit_is inactive plain.service
check "it starts again" systemctl start plain.service
check "restart of the namespace's unit" systemctl restart "$netns"
check "the service is in the new one" within 10 in_work plain.service

echo "# a broken file, while it runs"
sed -i 's/^WIREGUARD_ENDPOINT=.*/WIREGUARD_ENDPOINT=nowhere/' "$work"
systemctl daemon-reload
check "the service goes on inside" in_work plain.service
check "it restarts" systemctl restart plain.service
check "inside" in_work plain.service
check "the VPN stops" vpn_stop work
check "after that the service refuses to start" refuses plain.service
check "and says that its dependency failed" status_has "$netns" "'nowhere' has no port"

echo "# a file that is no text"
cp "$work" /run/good.conf
head -c 4096 /dev/urandom >"$work"
systemctl daemon-reload
# Nobody can know any more what it said: that is what drop-ins by hand are for.
cp /run/good.conf "$work"
configure "ATTACH_UNITS=plain.service"
check "it starts" systemctl start plain.service
head -c 4096 /dev/urandom >"$work"
systemctl daemon-reload
check "while it runs, the record knows" systemctl restart plain.service
check "and the service is inside" in_work plain.service

echo "# a file that is gone, while it runs"
rm "$work"
systemctl daemon-reload
check "the service restarts" systemctl restart plain.service
check "inside" in_work plain.service
check "the VPN can be stopped" vpn_stop work
check "the service with it" within 10 unit_is inactive plain.service
check "nothing is left" within 10 unchanged "$before"
systemctl daemon-reload
check "without a file nothing is attached" systemctl start plain.service
check "so it runs on the host" in_host plain.service
systemctl stop plain.service

echo "# a faulty list"
configure "ATTACH_UNITS=plain.service user other.target"
check "the VPN does not start" not vpn_start work
check "and says why" status_has "$netns" "'user' is not a unit; did you mean user.service?"
check "for each" status_has "$netns" "'other.target' is a target, which has no network to confine"
for unit in plain.service user.service; do check "$unit refuses to start" refuses "$unit"; done
vpn_stop work

echo "# one service, two files"
configure ATTACH_UNITS=plain.service
provider_config 1 zwei ATTACH_UNITS=plain.service
systemctl daemon-reload
check "the first file's starts" systemctl start plain.service
check "inside" in_work plain.service
check "the second does not" not vpn_start zwei
check "its message names the first" status_has "$(unit netns zwei)" ":14: ATTACH_UNITS=: 'plain.service' is also an attached unit of $work:1, which comes first"
rm "$(config_path zwei)"
systemctl daemon-reload
vpn_stop work
systemctl reset-failed

echo "# sockets"
cat >/etc/systemd/system/echo.socket <<'UNIT'
[Socket]
ListenStream=7
Accept=no
[Install]
WantedBy=sockets.target
UNIT
daemon echo.service
sed -i 's|^ExecStart=.*|ExecStart=/usr/lib/systemd/systemd-socket-proxyd 127.0.0.1:80|' /etc/systemd/system/echo.service
systemctl daemon-reload
check "bare, the socket listens on the host" systemctl start echo.socket
check "where the detector sees it" has "$(ss -Htln)" ':7 '
systemctl stop echo.socket
configure ATTACH_UNITS=echo.service
check "attached by its service, it starts" systemctl start echo.socket
check "the host does not listen" not grep ':7 ' <(ss -Htln)
check "the namespace does" has "$(ip netns exec work ss -Htln)" ':7 '
check "there is no cycle at boot" not grep -q 'ordering cycle' <(systemd-analyze verify echo.socket 2>&1)
systemctl stop echo.socket
vpn_stop work

echo "# by hand, as the manual page shows it"
configure !ATTACH_UNITS
manual=/usr/share/man/man7/namespaced-wireguard-vpn.7
by_hand=$(sed -n '/^\.SS By a drop-in/,/^\.fi/p' $manual | sed -n '/^\.nf/,/^\.fi/p' | sed '/^\./d; s/\\-/-/g')
check "it has namespace and guard" has "$by_hand" 'NetworkNamespacePath=/run/netns/work
ExecCondition=/usr/lib/namespaced-wireguard-vpn/nswg-stage assert work'
drop_in plain.service "$by_hand"
check "the service starts" systemctl start plain.service
check "and with it the VPN" within 10 vpn_is_up work
check "inside" in_work plain.service
has_mark() { grep -q 'Written by namespaced-wireguard-vpn' "/proc/$(systemctl show --property=MainPID --value plain.service)/root/etc/resolv.conf"; }
check "with the VPN's resolver" within 5 has_mark
vpn_stop work
mv "$work" /run/saved
systemctl daemon-reload
check "without the file it does not start" refuses plain.service
mv /run/saved "$work"
drop_in_remove plain.service
systemctl reset-failed

echo "# systemd that may not join"
configure ATTACH_UNITS=plain.service
# As root's own drop-in could: what systemd then does is the same as when it lacks the privilege.
drop_in plain.service '[Service]
NetworkNamespacePath=
BindReadOnlyPaths='
check "without its namespace the service does not start" refuses plain.service
check "and says where it was" status_has plain.service "this service runs in the host's network namespace and not in '/run/netns/work'"
drop_in_remove plain.service
check "with it, it does" systemctl start plain.service
vpn_stop work
check "nothing is left" within 10 unchanged "$before"
finish
