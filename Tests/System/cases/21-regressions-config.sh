#!/bin/bash
# The faults of the original in reading the configuration, in secrets, in running twice and in making the
# namespace; each check is named after one. Those in tearing down are in 20-regressions.
# runs-on: container
# limit: 120
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
for n in 1 2; do check "provider $n starts" provider_start "$n"; done
provider_default 1
provider_config 1 work
work=$(config_path work)
netns=$(unit netns work) wg=$(unit wg work) tunnel=$(unit tunnel work)
saved=/run/nswg-test/work.conf
cp "$work" "$saved"
systemctl daemon-reload
vpn_start work && vpn_stop work
before=$(snapshot)
# config_with [KEY=VALUE]...: the first config and these lines; systemd is reloaded.
config_with() {
  { grep -v "^${1%%=*}=" "$saved"; printf '%s\n' "$@"; } >"$work"
  systemctl daemon-reload
}
clean_up() {
  vpn_stop work
  systemctl reset-failed 'namespaced-wireguard-vpn*' 2>/dev/null
  cp "$saved" "$work"
  systemctl daemon-reload
}

echo "# private key in the environment of every process"
key=$(sed -n 's/^WIREGUARD_PRIVATE_KEY=//p' "$work")
# environments_with TEXT: the processes that have it in their environment.
environments_with() { grep --files-with-matches --fixed-strings --text "$1" /proc/[0-9]*/environ 2>/dev/null; }
PLANTED=$key sleep 60 &
planted=$!
planted_is_found() { same "/proc/$planted/environ" "$(environments_with "$key")"; }
check "an environment with the key is found" within 5 planted_is_found
kill "$planted"
wait "$planted"
vpn_start work
check "a wireguard-go runs for the instance" pgrep -f '^wireguard-go -f nswg-'
check "no process has the key in its environment" same "" "$(environments_with "$key")"
check "nor has a process of the units anything of the file" same "" "$(environments_with WIREGUARD_)"
vpn_stop work

echo "# TUNNEL_ENABLE: the original skipped the tunnel silently when it was unset or a word (more in 11-tunnel-switch)"
for setting in '' 2 yes; do
  config_with "${setting:+TUNNEL_ENABLE=$setting}"
  vpn_start work
  check "TUNNEL_ENABLE ${setting:-unset}: with tunnel" vpn_is_up work
  vpn_stop work
done
for setting in 0 no; do
  config_with TUNNEL_ENABLE=$setting
  vpn_start work
  check "TUNNEL_ENABLE $setting: up without tunnel" vpn_is_up work no-tunnel
  check "without its unit" same not-found "$(systemctl show -P LoadState "$tunnel")"
  check "without its pair" not ip link show veth-work0
  since=$(date '+%F %T.%N')
  vpn_stop work
  journalctl --sync
  check "and the stop says nothing of a tunnel" not grep -iE 'tunnel|error|fail' \
    <<<"$(journalctl --since "$since" -o cat -t nswg-stage -t systemd | grep -v '^Stop')"
done
for setting in perhaps ' '; do
  config_with "TUNNEL_ENABLE=\"$setting\""
  check "TUNNEL_ENABLE '$setting': refused" not vpn_start work
  check "with that message" status_has "$netns" "TUNNEL_ENABLE=: '$setting' is neither on nor off"
done
clean_up

echo "# preshared key: three spellings"
psk=$(sed -n 's/^WIREGUARD_VPN_PPRESHARED_KEY=//p' "$saved")
for name in WIREGUARD_VPN_PPRESHARED_KEY WIREGUARD_VPN_PRESHARED_KEY WIREGUARD_PRESHARED_KEY; do
  sed "s/^WIREGUARD_VPN_PPRESHARED_KEY=/$name=/" "$saved" >"$work"
  systemctl daemon-reload
  vpn_start work
  check "$name: the provider answers" seen_as 10.64.1.2 1 4 ip netns exec work
  check "and wireguard-go has it" has "$(wg show "$(basename "$(ls /run/wireguard/nswg-*)" .sock)" preshared-keys)" "$psk"
  vpn_stop work
done
other=$(wg genpsk)
config_with "WIREGUARD_PRESHARED_KEY=$other"
check "two that differ: refused" not vpn_start work
check "with that message" status_has "$netns" \
  "WIREGUARD_PRESHARED_KEY= and WIREGUARD_VPN_PPRESHARED_KEY= (line 5) mean the same and have different values"
clean_up
config_with WIREGUARD_VPN_PPRESHARED_KEY=-
check "- disables it: the start succeeds" vpn_start work
check "without a preshared key" has "$(wg show "$(basename "$(ls /run/wireguard/nswg-*)" .sock)" preshared-keys)" '(none)'
clean_up

echo "# sample keys are valid base64"
sample=abcdFAKEefghFAKEijklFAKEmnopFAKEqrstFAKEuvw=
check "this one is, of 32 bytes" same 32 "$(base64 -d <<<"$sample" | wc -c)"
for name in WIREGUARD_PRIVATE_KEY WIREGUARD_VPN_PUBLIC_KEY WIREGUARD_VPN_PPRESHARED_KEY; do
  config_with "$name=$sample"
  check "the sample's $name: refused" not vpn_start work
  check "with that message" status_has "$netns" "$name=: the value is the sample's, not a real key"
done
clean_up
config_with 'NETNS_NAME="outer inner"'
check "a list in NETNS_NAME: refused" not vpn_start work
check "with that message" status_has "$netns" "NETNS_NAME=: 'outer inner' has a blank; one file makes one namespace"
clean_up

echo "# network-online.target: the original was ordered after it and did not want it"
check "an endpoint by address does not wait" not grep network-online "/run/systemd/generator/$wg"
config_with WIREGUARD_ENDPOINT=vpn.example.org:51820
check "an endpoint by name is ordered after it" has "$(systemctl show -P After "$wg")" network-online.target
check "and wants it" has "$(systemctl show -P Wants "$wg")" network-online.target
clean_up
check "nothing is left" within 5 unchanged "$before"

echo "# the original's defaults cannot be shared"
provider_config 2 home
systemctl daemon-reload
check "two instances with defaults start at once" vpn_start work home
for name in work home; do check "$name is up" vpn_is_up "$name"; done
check "provider 1 sees work" seen_as 10.64.1.2 1 4 ip netns exec work
check "provider 2 sees home" seen_as 10.64.2.2 2 4 ip netns exec home
check "each tunnel has a network of its own" same 2 "$(ip -4 -o address show | awk '$2 ~ /^veth-/ { print $4 }' | sort -u | wc -l)"
vpn_stop work home
echo WIREGUARD_NAME=wg0 | tee -a "$work" >>"$(config_path home)"
systemctl daemon-reload
check "two instances with a wg0 each start at once" vpn_start work home
for n in 1 2; do
  name=$([ "$n" = 1 ] && echo work || echo home)
  check "$name has its wg0" ip -n "$name" link show wg0
  check "and provider $n sees it" seen_as "10.64.$n.2" "$n" 4 ip netns exec "$name"
done
check "the host has none" not ip link show wg0
vpn_stop work home
rm "$(config_path home)"
clean_up
check "nothing is left" within 5 unchanged "$before"

echo "# JoinsNamespaceOf=, on which users' drop-ins depend"
cat >/run/systemd/system/inside.service <<UNIT
[Unit]
BindsTo=$netns
After=$netns
JoinsNamespaceOf=$netns
[Service]
PrivateNetwork=yes
ExecStart=sleep infinity
UNIT
systemctl daemon-reload
check "a service that joins starts, and pulls the namespace in" systemctl start inside.service
check "the namespace is up" same active "$(systemctl is-active "$netns")"
vpn_start work
check "the service is in the named namespace" same "$(stat -Lc %d:%i /run/netns/work)" \
  "$(stat -Lc %d:%i "/proc/$(systemctl show -P MainPID inside.service)/ns/net")"
check "which is not the host's" not same "$(stat -Lc %i /proc/1/ns/net)" "$(stat -Lc %i /run/netns/work)"
vpn_stop work
check "the service stops with it" within 5 unit_is inactive inside.service
rm /run/systemd/system/inside.service

echo "# no namespace of its own: the host's network would get the VPN's name"
check "by hand on the host: refused" not stage netns up work
check "with that message" has "$(stage netns up work 2>&1)" "this process is in the host's network namespace; refusing to name that one 'work'"
check "the name does not appear" not test -e /run/netns/work
drop_in "$netns" $'[Service]\nPrivateNetwork=no'
check "PrivateNetwork=no in a drop-in: the start fails" not vpn_start work
check "with that message" status_has "$netns" "this process is in the host's network namespace; refusing to name that one 'work'"
check "the name does not appear" not test -e /run/netns/work
check "nor the state" not test -e /run/namespaced-wireguard-vpn/work
drop_in_remove "$netns"
clean_up
for setting in PrivateTmp=yes PrivateMounts=yes ProtectSystem=full ReadWritePaths=/run; do
  drop_in "$netns" "[Service]"$'\n'"$setting"
  check "$setting hides the name from all others: the start fails" not vpn_start work
  check "with that message" status_has "$netns" "'/run/netns/work' cannot be seen from outside this unit"
  check "the name does not appear" not test -e /run/netns/work
  drop_in_remove "$netns"
  clean_up
done
drop_in "$netns" $'[Service]\nProtectSystem=strict'
check "nor does it start where it cannot write its state" not vpn_start work
check "which says so" status_has "$netns" "mkdir '/run/namespaced-wireguard-vpn/work': Read-only file system (EROFS)"
check "the name does not appear" not test -e /run/netns/work
drop_in_remove "$netns"
clean_up
check "without drop-ins it starts" vpn_start work
clean_up
check "nothing is left" within 5 unchanged "$before"
finish
