#!/bin/bash
# The leak matrix of case 42 for the project before this one: its units for one VPN, made anew from its documentation,
# with the service attached as it says there (PrivateNetwork= and JoinsNamespaceOf=). The table is for comparison; what
# is checked is that the detectors work, and that they find what is known to leak.
# runs-on: container
# limit: 300
# shellcheck disable=SC2034,SC2154  # variables for and of the library
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh
# shellcheck source=../lib/leak.sh
. /usr/lib/nswg-test/leak.sh

# Nothing of ours takes part: the generator would read the same file.
rm /usr/lib/systemd/system-generators/nswg-systemd-generator
systemctl daemon-reload
ip link set lo up
check "a provider starts" provider_start 1
check "so does a network for the host" lan_start
check "the provider answers what comes through its tunnel" answers_everything provider1
check "resolvers start on the host" resolvers_start
vpn_namespace=vpn vpn_config=/etc/namespaced-wireguard-vpn/namespaced-wireguard-vpn.conf vpn_link=wg-vpn
vpn_veth=veth-vpn0 vpn_veth_inside=veth-vpn1
vpn_netns_unit=namespaced-wireguard-vpn-netns.service vpn_wg_unit=namespaced-wireguard-vpn-interface.service
provider_config 1 "$vpn_config" '!WIREGUARD_VPN_PPRESHARED_KEY' NETNS_NAME=vpn WIREGUARD_NAME=wg-vpn \
  WIREGUARD_INITIAL_MTU=1420 TUNNEL_ENABLE=1 TUNNEL_INIT_NAME=veth-vpn0 TUNNEL_VPN_NAME=veth-vpn1 \
  TUNNEL_INIT_IP_ADDRESSES=10.127.0.1/24,fd99::1/64 TUNNEL_VPN_IP_ADDRESSES=10.127.0.2/24,fd99::2/64
vpn_up() { systemctl start namespaced-wireguard-vpn.target "$busy" && seen_as 10.64.1.2 1 4 inside; }

# judge NAME: in each cell the client goes on, and its lookups by the C library are answered outside.
judge() {
  check "$1: the client was busy" test "$cell_rounds" -ge 2
  check "$1: the detectors find lookups by the C library" grep -q '^libc' "$cell"
  case $1 in
    "host forwards"*) check "and connections by way of the host" grep -q '^tcp [^ ]* lan0 *Out' "$cell" ;;
    "provider forges"*) check "and answers to the host" grep -q '^host .* 10.64.1.2.4407 > 10.127.0.1' "$cell" ;;
    "host sends router"*) check "and IPv6 by way of the host" grep -q '^ipv6 [^ ]* lan0 *Out' "$cell" ;;
  esac
}

check "transmission-daemon is prepared" transmission_prepare
check "the captures start" captures_start
busy_near 10.127.0.1 fd99::1 "$lan_host" "$lan_host_6" "$lan_router" "$lan_router_6" 10.64.1.1
check "the VPN starts, and in it the client" vpn_up
systemctl stop "$busy"
check_detectors
matrix_all
check "the captures lost nothing" same 0 "$(captures_stop)"
table_show
finish
