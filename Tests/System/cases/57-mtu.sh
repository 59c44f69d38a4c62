#!/bin/bash
# The MTU behind a router whose far link takes less than the near one: what `nswg-stage mtu` measures, with and without
# a word from the router, although WireGuard's own packets may pass in fragments.
# runs-on: container vm
# limit: 150
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1

#   host  transit 192.0.3.1 -- 192.0.3.254  near  router  far  198.51.100.1 -- 198.51.100.2  behind  provider1
router_start() {
  ip netns add router
  ip link add transit type veth peer name near netns router
  ip -n router link add far type veth peer name behind netns provider1
  local link
  for link in near far; do ip -n router link set "$link" addrgenmode none up; done
  ip link set transit addrgenmode none up
  ip -n provider1 link set behind addrgenmode none up
  ip address add 192.0.3.1/24 dev transit
  ip address add 2001:db8:a::1/64 dev transit nodad
  ip -n router address add 192.0.3.254/24 dev near
  ip -n router address add 2001:db8:a::fe/64 dev near nodad
  # Without one of these a router asks nobody for a neighbour.
  ip -n router address add fe80::1/64 dev near nodad
  ip -n router address add fe80::1/64 dev far nodad
  ip -n router address add 198.51.100.1/24 dev far
  ip -n router address add 2001:db8:b::1/64 dev far nodad
  ip -n provider1 address add 198.51.100.2/24 dev behind
  ip -n provider1 address add 2001:db8:b::2/64 dev behind nodad
  ip netns exec router sysctl --quiet --write net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
  ip route add 198.51.100.0/24 via 192.0.3.254
  ip route add 2001:db8:b::/64 via 2001:db8:a::fe
  ip -n provider1 route add 192.0.3.0/24 via 198.51.100.1
  ip -n provider1 route add 2001:db8:a::/64 via 2001:db8:b::1
}
# far_mtu BYTES: of the far link, on both ends; what the host has learnt is forgotten.
far_mtu() {
  ip -n router link set far mtu "$1"
  ip -n provider1 link set behind mtu "$1"
  local here
  for here in '' '-n provider1'; do
    # shellcheck disable=SC2086
    { ip $here route flush cache; ip $here -6 route flush cache; }
  done
}
# silence yes|no: whether the router keeps to itself that a packet is too big.
silence() {
  ip netns exec router nft flush ruleset
  [ "$1" = no ] || ip netns exec router nft -f - <<'NFT'
table inet silent {
  chain output {
    type filter hook output priority filter
    icmp type destination-unreachable counter drop
    icmpv6 type packet-too-big counter drop
  }
}
NFT
}
mtu() { ip -n work -json link show dev wg-work | sed -nE 's/.*"mtu":([0-9]+).*/\1/p'; }
measured() { stage mtu work "$@" 2>&1; }
# gets_through SIZE: a packet of that size is answered, be it in fragments.
gets_through() { ip netns exec work ping -q -c 4 -i 0.3 -W 1 -M "do" -s $(($1 - 28)) 10.64.1.1 | grep -Eq ' [1-4] received'; }
check "there is a router in between" router_start
before=$(snapshot)

echo "# a path of 1500"
provider_config 1 work WIREGUARD_ENDPOINT=198.51.100.2:51820 TUNNEL_ENABLE=no WIREGUARD_DNS=10.64.1.1
far_mtu 1500
systemctl daemon-reload
check "not before it is up" has "$(measured)" "the interface is not up; start $(unit wg work) first"
check "it starts" vpn_start work
check "with what the host's link has room for" same 1440 "$(mtu)"
check "which is what passes" has "$(measured)" "packets of up to 1440 bytes pass in one piece"
vpn_stop work
sed -i '$a WIREGUARD_INITIAL_MTU=1420' "$(config_path work)"
check "it starts with less" vpn_start work
output=$(measured)
status=$?
check "all of that passes" has "$output" "asked 10.64.1.1 for echoes through wg-work, MTU 1420: packets of up to 1420 bytes pass in one piece"
check "which is success" same 0 $status
check "over IPv6 inside" has "$(measured fd64:1::1)" "packets of up to 1420 bytes pass in one piece"

echo "# the far link takes 1400"
for quiet in no yes; do
  silence $quiet
  far_mtu 1400
  output=$(measured)
  status=$?
  # 1400 less 60, rounded down to a multiple of 16.
  check "router silent: $quiet: 1328 bytes pass" has "$output" \
    "packets of up to 1328 bytes pass in one piece; set WIREGUARD_INITIAL_MTU=1328"
  check "which is no success" same 1 $status
  [ $quiet = yes ] || check "although larger ones get through in fragments" gets_through 1420
  far_mtu 1400
  check "over IPv6 inside, too" has "$(measured fd64:1::1)" "packets of up to 1328 bytes pass in one piece"
done
check "the router had something to be silent of" test "$NSWG_KIND" = vm -o \
  "$(ip netns exec router nft list table inet silent | grep -c 'packets 0 ')" -lt 2
far_mtu 1500
silence no
check "with the link as before all passes again" has "$(measured)" "packets of up to 1420 bytes pass"

echo "# who answers"
check "one that does not" has "$(measured 10.64.1.99)" "'10.64.1.99' does not answer pings through wg-work"
check "our own end" has "$(measured 10.64.1.2)" "'10.64.1.2' is our own end of the tunnel"
check "no address" not stage mtu work example.org
sed -i /^WIREGUARD_DNS=/d "$(config_path work)"
check "no name server" has "$(measured)" "there is no name server in the file to ask"
check "but an address" has "$(measured 10.64.1.1)" "packets of up to 1420 bytes pass"
vpn_stop work

echo "# at the start"
far_mtu 1400
silence yes
provider_config 1 work WIREGUARD_ENDPOINT=198.51.100.2:51820 TUNNEL_ENABLE=no WIREGUARD_MTU_PROBE=10.64.1.1
systemctl daemon-reload
check "it starts" vpn_start work
check "with what passes" same 1328 "$(mtu)"
check "and says so" status_has "$(unit wg work)" "packets of up to 1328 bytes pass in one piece, so its MTU is 1328 now"
check "a large transfer goes through" seen_as 10.64.1.2 1 4 ip netns exec work
check "a reload" systemctl reload "$(unit wg work)"
check "leaves it so" same 1328 "$(mtu)"
sed -i s/^WIREGUARD_MTU_PROBE=.*/WIREGUARD_MTU_PROBE=10.64.1.99/ "$(config_path work)"
systemctl daemon-reload
check "with one that does not answer it starts, too" systemctl restart "$(target work)"
check "with the usual MTU" within 30 same 1440 "$(mtu)"
check "and a warning" status_has "$(unit wg work)" "WIREGUARD_MTU_PROBE=: '10.64.1.99' does not answer pings"
vpn_stop work

echo "# over IPv6 outside"
# Nobody may fragment these on the way.
for quiet in no yes; do
  silence $quiet
  far_mtu 1400
  provider_config 1 work 'WIREGUARD_ENDPOINT=[2001:db8:b::2]:51820' TUNNEL_ENABLE=no WIREGUARD_DNS=10.64.1.1
  systemctl daemon-reload
  vpn_start work
  check "router silent: $quiet: of 1408 bytes 1312 pass" has "$(measured)" \
    "MTU 1408: packets of up to 1312 bytes pass in one piece"
  vpn_stop work
done

check "nothing is left in the end" within 10 unchanged "$before"
finish
