#!/bin/bash
# The way that the original's README shows, step by step, with @NAME added to the units' names: a file with every
# key of the original, start, look, run programs and services inside, preshared keys, stop, start again.
# runs-on: container
# also-on: trixie
# limit: 90
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1
provider_default 1
work=$(config_path work)

echo "# Configuration: every key of the original"
# write_config [KEY=VALUE]...: for a new client of the provider.
write_config() {
  provider_config 1 work NETNS_NAME=vpn WIREGUARD_NAME=wg-vpn WIREGUARD_ALLOWED_IPS=0.0.0.0/0,::0/0 \
    WIREGUARD_INITIAL_MTU=1380 \
    WIREGUARD_IP_ADDRESSES=10.64.1.2/32,10.64.1.3/32,fd64:1::2/128,fd64:1::3/128 \
    TUNNEL_ENABLE=1 TUNNEL_INIT_NAME=veth-vpn0 TUNNEL_INIT_IP_ADDRESSES=10.127.0.1/24,fd99::1/64 \
    TUNNEL_VPN_NAME=veth-vpn1 TUNNEL_VPN_IP_ADDRESSES=10.127.0.2/24,10.127.0.3/24,fd99::2/64,fd99::3/64 "$@"
  systemctl daemon-reload
}
write_config
for key in NETNS_NAME WIREGUARD_{NAME,PRIVATE_KEY,ENDPOINT,VPN_PUBLIC_KEY,VPN_PPRESHARED_KEY,ALLOWED_IPS} \
  WIREGUARD_{INITIAL_MTU,IP_ADDRESSES} TUNNEL_{ENABLE,INIT_NAME,INIT_IP_ADDRESSES,VPN_NAME,VPN_IP_ADDRESSES}; do
  grep -q "^$key=." "$work" || check "the file has $key" false
done
before=$(snapshot)

echo "# Running: what each key did"
check "the target starts" vpn_start work
check "and with it its three services" vpn_is_up work
check "NETNS_NAME" has "$(ip netns list)" vpn
check "WIREGUARD_NAME and TUNNEL_VPN_NAME: nothing else is inside" same "veth-vpn1 wg-vpn" "$(links vpn)"
check "TUNNEL_INIT_NAME" has "$(ip link show type veth)" veth-vpn0
check "the WireGuard interface is not on the host" not ip link show wg-vpn
check "WIREGUARD_PRIVATE_KEY" same "$(public_key "$work")" "$(wg_show vpn wg-vpn public-key)"
check "WIREGUARD_VPN_PUBLIC_KEY" same "$(ip netns exec provider1 wg show wg-provider1 public-key)" "$(wg_show vpn wg-vpn peers)"
check "WIREGUARD_ENDPOINT" peer_has vpn wg-vpn endpoints "$(provider_endpoint 1)"
check "WIREGUARD_VPN_PPRESHARED_KEY" peer_has vpn wg-vpn preshared-keys "$(sed -n 's/^.*_PPRESHARED_KEY=//p' "$work")"
check "WIREGUARD_ALLOWED_IPS" peer_has vpn wg-vpn allowed-ips "0.0.0.0/0 ::/0"
check "WIREGUARD_INITIAL_MTU" same 1380 "$(mtu -n vpn wg-vpn)"
check "WIREGUARD_IP_ADDRESSES" same "10.64.1.2/32 10.64.1.3/32 fd64:1::2/128 fd64:1::3/128" "$(addresses -n vpn wg-vpn)"
check "TUNNEL_INIT_IP_ADDRESSES" same "10.127.0.1/24 fd99::1/64" "$(addresses veth-vpn0)"
check "TUNNEL_VPN_IP_ADDRESSES" same "10.127.0.2/24 10.127.0.3/24 fd99::2/64 fd99::3/64" "$(addresses -n vpn veth-vpn1)"
check "systemd shows what is up" status_has "$(unit wg work)" 'Status: "interface wg-vpn is up in namespace vpn'

echo "# curl on the host and in the namespace"
inside=(ip netns exec vpn)
internet=http://$(internet_address 1 provider)/
curl=(curl --silent --show-error --max-time 3 --noproxy '*')
# answers TEXT URL: asked from the host.
answers() { same "$1" "$("${curl[@]}" "$2")"; }
check "the host is seen under its own address" answers "$(internet_address 1 host)" "$internet"
began=$SECONDS
check "inside, under the tunnel's" seen_as 10.64.1.2 1 4 "${inside[@]}"
took=$((SECONDS - began))
check "on the Internet, too" same 10.64.1.2 "$("${inside[@]}" "${curl[@]}" "$internet")"
check "over IPv6, under one of the tunnel's" grep -Ex 'fd64:1::[23]' <(provider_sees 1 6 "${inside[@]}")
for address in 10.64.1.3 fd64:1::3 fd64:1::2; do
  case $address in *:*) url="http://[fd64:1::1]/" ;; *) url=http://10.64.1.1/ ;; esac
  check "the address $address can be used" same "$address" "$("${inside[@]}" "${curl[@]}" --interface "$address" "$url")"
done
check "the host does not reach the provider's inner address" not provider_sees 1 4
for address in 10.127.0.2 10.127.0.3 fd99::2 fd99::3; do
  check "the host reaches $address through the tunnel" ping -c 1 -W 2 "$address"
done
check "the namespace only answers the host" not "${inside[@]}" ping -c 1 -W 2 10.127.0.1
check "over IPv6, too" not "${inside[@]}" ping -c 1 -W 2 fd99::1

echo "# Namespace overlay"
mkdir -p /etc/netns/vpn
echo "nameserver 10.64.1.1" >/etc/netns/vpn/resolv.conf
check "the overlay counts inside" same "nameserver 10.64.1.1" "$("${inside[@]}" cat /etc/resolv.conf)"
check "and not outside" not grep 10.64.1.1 /etc/resolv.conf
rm -r /etc/netns

echo "# Other units in the namespace"
netns_unit=$(unit netns work)
cat >/etc/systemd/system/daemon.service <<'UNIT'
[Service]
ExecStart=systemd-socket-activate --listen=81 --accept --inetd /usr/lib/nswg-test/http-answer daemon
UNIT
systemctl daemon-reload
systemctl start daemon.service
check "without a drop-in a service is in the host's namespace" \
  same "$(namespace_at /proc/1/ns/net)" "$(namespace_of daemon.service)"
check "where it answers" within 5 answers daemon http://127.0.0.1:81/
systemctl stop daemon.service
mkdir -p /etc/systemd/system/daemon.service.d
cat >/etc/systemd/system/daemon.service.d/10-vpn-netns.conf <<UNIT
[Unit]
BindsTo=$netns_unit
After=$netns_unit
JoinsNamespaceOf=$netns_unit

[Service]
PrivateNetwork=yes
UNIT
systemctl daemon-reload
# services_are_inside: both kinds of service are in the VPN's namespace, and answer over the tunnel alone.
services_are_inside() {
  same "$(namespace_at /run/netns/vpn)" "$(namespace_of daemon.service)" &&
    same "$(namespace_at /run/netns/vpn)" "$(namespace_of by-path.service)" &&
    within 5 answers daemon http://10.127.0.2:81/ && within 5 answers by-path http://10.127.0.2/ &&
    not "${curl[@]}" http://127.0.0.1:81/
}
check "a service with JoinsNamespaceOf= starts" systemctl start daemon.service
check "and one with NetworkNamespacePath=" http_start by-path.service work vpn by-path
check "both are inside" services_are_inside
check "the namespace's unit stops" systemctl stop "$netns_unit"
check "and with it both services" within 10 unit_is inactive daemon.service by-path.service
check "and the rest of the VPN" within 10 vpn_is_down work
check "nothing is left" within 10 unchanged "$before"

check "start again" vpn_start work
check "the services, too" systemctl start daemon.service
http_start by-path.service work vpn by-path
check "they are inside again" services_are_inside
check "the VPN works again" seen_as 10.64.1.2 1 4 "${inside[@]}"
check "systemctl stop of the target succeeds" systemctl stop "$(target work)"
check "both services stop" within 10 unit_is inactive daemon.service by-path.service
check "nothing is left after that" within 10 unchanged "$before"
check "a service alone brings up its namespace" systemctl start daemon.service
check "and is inside" same "$(namespace_at /run/netns/vpn)" "$(namespace_of daemon.service)"
check "where nothing leads out" not "${inside[@]}" "${curl[@]}" "$internet"
check "the target can join it" vpn_start work
check "both end" vpn_stop work

echo "# Stop and start at once, more often than systemd lets a unit start by default"
stop_and_start() { systemctl stop "$(target work)" && systemctl start "$(target work)"; }
systemctl start "$(target work)"
for _ in {1..8}; do check "stop and start" stop_and_start; done
check "all is up" within 10 vpn_is_up work
check "and works" seen_as 10.64.1.2 1 4 "${inside[@]}"
check "restart" systemctl restart "$(target work)"
check "all is up after that" within 10 vpn_is_up work
check "it stops" vpn_stop work
check "nothing is left of all that" within 10 unchanged "$before"

echo "# Preshared keys"
right=$(sed -n 's/^WIREGUARD_VPN_PPRESHARED_KEY=//p' "$work")
# with_key KEY=VALUE: start with this preshared key.
with_key() {
  sed -i "s|^WIREGUARD_VPN_.*SHARED_KEY=.*|WIREGUARD_VPN_$1|" "$work"
  systemctl daemon-reload
  vpn_stop work && vpn_start work
}
# The right key let traffic through in $took seconds, several retries of TCP and of WireGuard among them; 7 or twice
# as many without an answer mean that there will be none.
unanswered() { not timeout $((took > 3 ? took * 2 : 7)) "${inside[@]}" curl --silent --noproxy '*' http://10.64.1.1/; }
check "a wrong one: the VPN starts" with_key "PPRESHARED_KEY=$(wg genpsk)"
check "but nothing goes through" unanswered
check "for there is no handshake" peer_has vpn wg-vpn latest-handshakes 0
check "the right one, spelt as the provider would" with_key "PRESHARED_KEY=$right"
check "traffic goes through" seen_as 10.64.1.2 1 4 "${inside[@]}"
check "after a handshake" not peer_has vpn wg-vpn latest-handshakes 0
check "none, while the provider wants one" with_key PRESHARED_KEY=-
check "so none is set" peer_has vpn wg-vpn preshared-keys "(none)"
check "and nothing goes through" unanswered
check "it stops" vpn_stop work
write_config WIREGUARD_VPN_PPRESHARED_KEY=-
check "none, and the provider wants none" vpn_start work
check "none is set" peer_has vpn wg-vpn preshared-keys "(none)"
check "traffic goes through" seen_as 10.64.1.2 1 4 "${inside[@]}"
check "it stops" vpn_stop work
check "nothing is left in the end" within 10 unchanged "$before"
finish
