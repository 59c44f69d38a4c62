#!/bin/bash
# Kernel WireGuard, with Debian's stock kernel: the module is loaded by our sandboxed unit, two VPNs run side by side
# under one interface name, their sockets are the host's, everything goes through them, and stop leaves nothing.
# runs-on: vm
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
ip netns add first && ip netns delete first       # what ip sets up for good

echo "# the module"
# Nothing but the product may ask for the module here, so the keys of this VPN are nobody's.
mkdir -p /etc/namespaced-wireguard-vpn.d
(
  umask 077
  cat >"$(config_path early)" <<CONFIG
WIREGUARD_PRIVATE_KEY=$(wg genkey)
WIREGUARD_VPN_PUBLIC_KEY=$(wg genkey | wg pubkey)
WIREGUARD_ENDPOINT=192.0.2.2:51820
WIREGUARD_IP_ADDRESSES=10.64.9.2/32
CONFIG
)
systemctl daemon-reload
module_is_loaded() { test -d /sys/module/wireguard; }
check "the module is not loaded yet" not module_is_loaded
before=$(snapshot)
check "the unit has no capability to load one itself" same "cap_net_admin cap_sys_admin" \
  "$(systemctl show --property=CapabilityBoundingSet --value "$(unit wg early)" | tr ' ' '\n' | sort | xargs)"
check "a VPN starts" vpn_start early
check "and with it the module" module_is_loaded
check "the VPN stops" vpn_stop early
check "nothing is left" within 20 unchanged "$before"
rm "$(config_path early)"

echo "# two VPNs with one interface name"
check "the test sees that there is kernel WireGuard" same kernel "$(wireguard_kind)"
for n in 1 2; do check "provider $n starts" provider_start "$n"; done
provider_default 1
name=(- work home)
for n in 1 2; do provider_config "$n" "${name[n]}" WIREGUARD_NAME=wg0; done
systemctl daemon-reload
before=$(snapshot)
check "both start" vpn_start work home
during=$(snapshot)
check "no user-space WireGuard runs" not grep wireguard-go <<<"$during"
for n in 1 2; do
  vpn=${name[n]} inside=(ip netns exec "${name[n]}")
  echo "# $vpn"
  check "all of its units are active" vpn_is_up "$vpn"
  check "the status says whose WireGuard it is" has "$(systemctl show --property=StatusText "$(unit wg "$vpn")")" "kernel WireGuard"
  check "ping through the tunnel" "${inside[@]}" ping -c 1 -W 10 "10.64.$n.1"
  check "over IPv6" "${inside[@]}" ping -c 1 -W 10 "fd64:$n::1"
  check "provider $n sees its address" seen_as "10.64.$n.2" "$n" 4 "${inside[@]}"
  check "over IPv6" seen_as "fd64:$n::2" "$n" 6 "${inside[@]}"
  check "there was a handshake" test "$(wg_show "$vpn" wg0 latest-handshakes | cut -f 2)" -gt 0
  check "the preshared key is set" peer_has "$vpn" wg0 preshared-keys \
    "$(sed -n 's/^WIREGUARD_VPN_PPRESHARED_KEY=//p' "$(config_path "$vpn")")"
  check "and the allowed addresses" peer_has "$vpn" wg0 allowed-ips "0.0.0.0/0 ::/0"
  check "the interface is the kernel's" grep -qw wireguard <<<"$(ip -n "$vpn" -details link show wg0)"
  check "the default route is into it" has "$(ip -n "$vpn" -4 route show default)" "dev wg0"
  check "over IPv6" has "$(ip -n "$vpn" -6 route show default)" "dev wg0"
  check "the only interface beside it is the tunnel's" same "veth-${vpn}1 wg0" "$(links "$vpn")"
  check "the socket is the host's" grep -qE ":$(wg_show "$vpn" wg0 listen-port)\b" <<<"$(ss -Huln)"
  check "and the namespace has none" same "" "$("${inside[@]}" ss -Huln)"
  check "nor has the host the interface" not grep -E ' (wg0|wireguard)' <<<"$(ip -details link show type wireguard)"
  check "provider $n is out of the other's reach" not "${inside[@]}" ping -c 1 -W 2 "10.64.$((3 - n)).1"
done
check "the host reaches no inner address" not provider_sees 1 4
check "over IPv6, neither" not provider_sees 2 6
check "with the host's default route it would reach the provider" \
  same "$(internet_address 1 host)" "$(http_get "$(internet_address 1 provider)")"

check "work stops" vpn_stop work
check "home goes on" seen_as 10.64.2.2 2 4 ip netns exec home
check "work starts again" vpn_start work
check "and works" seen_as 10.64.1.2 1 4 ip netns exec work
check "both stop" vpn_stop work home
check "nothing is left" within 20 unchanged "$before"

echo "# the kernel's log, which the container has none of"
echo "WIREGUARD_INITIAL_MTU=12" >>"$(config_path home)"
systemctl daemon-reload
journalctl --sync
check "it has the generator's message" has "$(journalctl --quiet --dmesg --output=cat)" \
  "$(config_path home):$(wc -l <"$(config_path home)"):"
check "which is not repeated for the other file" not grep -F "$(config_path work)" <<<"$(journalctl --quiet --dmesg --output=cat)"

echo "# a peer whose public key is our own, which WireGuard leaves out without a word"
check_own_key_refused
finish
