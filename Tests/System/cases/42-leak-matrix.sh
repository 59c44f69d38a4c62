#!/bin/bash
# The leak matrix: a client that tries every way out runs inside a VPN, and while things go wrong with the VPN and its
# host, every interface of the host is watched: nothing of it is seen outside of the tunnel.
# runs-on: container
# limit: 300
# shellcheck disable=SC2034,SC2154  # variables for and of the library
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh
# shellcheck source=../lib/leak.sh
. /usr/lib/nswg-test/leak.sh

ip link set lo up
check "a provider starts" provider_start 1
check "so does a network for the host" lan_start
check "the provider answers what comes through its tunnel" answers_everything provider1
check "resolvers start on the host" resolvers_start
vpn_namespace=work vpn_config=$(config_path work) vpn_link=wg-work vpn_veth=veth-work0 vpn_veth_inside=veth-work1
vpn_netns_unit=$(unit netns work) vpn_wg_unit=$(unit wg work)
provider_config 1 work WIREGUARD_DNS=10.64.1.1 "ATTACH_UNITS=$busy transmission-daemon.service" \
  TUNNEL_INIT_IP_ADDRESSES=10.127.0.1/24,fd99::1/64 TUNNEL_VPN_IP_ADDRESSES=10.127.0.2/24,fd99::2/64
check "transmission-daemon is prepared" transmission_prepare
systemctl daemon-reload
# vpn_up: all of it, the client, too.
vpn_up() { vpn_start work && systemctl start "$busy" && seen_as 10.64.1.2 1 4 inside; }
judge() {
  check "$1: the client was busy" cell_is_open
  check "$1: nothing is seen outside the tunnel" no_leaks
}

check "the captures start" captures_start
busy_near 10.127.0.1 fd99::1 "$lan_host" "$lan_host_6" "$lan_router" "$lan_router_6" 10.64.1.1
check "the VPN starts, and in it the client" vpn_up
systemctl stop "$busy"
check_detectors

matrix_all
check "the lookups went through the tunnel" grep -qi 'libc0[0-9a-f]*[.]leak[.]test from 10.64.1.2' "$provider_state/questions-provider1"
check "transmission's, too" grep -qi 'libc000000000000[.]leak[.]test from 10.64.1.2' "$provider_state/questions-provider1"
check "the captures lost nothing" same 0 "$(captures_stop)"
table_show
finish
