#!/bin/bash
# Where systemd lacks the privilege to join a namespace it logs that and starts the service all the same, in the
# host's network. Here the container's manager may not call setns(2). The guard keeps such a service from starting.
# runs-on: container
# also-on: trixie
# system-calls: ~setns
# limit: 60
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

netns=$(unit netns work)
host=$(namespace_at /proc/1/ns/net)
daemon() { printf '[Service]\nExecStart=sleep infinity\n' >"/etc/systemd/system/$1"; }
for name in bare attached dynamic; do daemon $name.service; done
echo DynamicUser=yes >>/etc/systemd/system/dynamic.service
mkdir -p /etc/namespaced-wireguard-vpn.d
(
  umask 077
  cat >"$(config_path work)" <<CONFIG
WIREGUARD_PRIVATE_KEY=$(wg genkey)
WIREGUARD_VPN_PUBLIC_KEY=$(wg genkey | wg pubkey)
WIREGUARD_ENDPOINT=192.0.2.1:51820
WIREGUARD_IP_ADDRESSES=10.64.1.2/32
CONFIG
)
systemctl daemon-reload
check "the namespace is made" systemctl start "$netns"
check "it is not the host's" not same "$host" "$(namespace_at /run/netns/work)"

echo "# what systemd does by itself"
drop_in bare.service "[Unit]
BindsTo=$netns
After=$netns
[Service]
NetworkNamespacePath=/run/netns/work"
check "a service with NetworkNamespacePath= alone starts" systemctl start bare.service
check "in the host's network" same "$host" "$(namespace_of bare.service)"
# It comes from the process itself, before that has become the service's; with systemd 257 in other words.
trace() { journalctl --sync && journalctl --boot --output=cat --grep='namespace.*(setup failed, ignoring|proceeding without)'; }
check "and the log has the only trace" within 5 trace
systemctl stop bare.service
drop_in bare.service "[Unit]
BindsTo=$netns
After=$netns
JoinsNamespaceOf=$netns
[Service]
PrivateNetwork=yes"
check "so does one with JoinsNamespaceOf=, the original's recipe" systemctl start bare.service
check "in the host's network" same "$host" "$(namespace_of bare.service)"
systemctl stop bare.service

echo "# the guard"
echo "ATTACH_UNITS=attached.service dynamic.service" >>"$(config_path work)"
systemctl daemon-reload
for unit in attached.service dynamic.service; do
  check "$unit, attached, does not start" not systemctl start $unit
  check "nothing of it runs" same 0 "$(systemctl show --property=MainPID --value $unit)"
  check "it says why" status_has $unit "this service runs in the host's network namespace and not in '/run/netns/work'; not starting it"
  check "it has failed, not been skipped" same failed "$(systemctl is-active $unit)"
done
drop_in bare.service "[Unit]
BindsTo=$netns
After=$netns
[Service]
NetworkNamespacePath=/run/netns/work
ExecCondition=/usr/lib/namespaced-wireguard-vpn/nswg-stage assert work"
check "nor does one with the guard written by hand" not systemctl start bare.service
check "which says why, too" status_has bare.service "not starting it"
finish
