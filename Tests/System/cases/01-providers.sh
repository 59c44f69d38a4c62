#!/bin/bash
# The providers themselves: a client made by hand with ip and wg reaches each, and only through its tunnel.
# runs-on: container vm
# limit: 60
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

kind=$(wireguard_kind)
echo "# WireGuard: $kind"
[ "$NSWG_KIND" = container ] || check "the virtual machine has kernel WireGuard" same kernel "$kind"
ip link set lo up
ip netns add first && ip netns delete first
before=$(snapshot)

for n in 1 2; do
  check "provider $n starts" provider_start "$n"
  check "provider $n sees the host under its address on the Internet" \
    same "$(internet_address "$n" host)" "$(http_get "$(internet_address "$n" provider)")"
  check "over IPv6, too" same "$(internet_address "$n" host 6)" "$(http_get "$(internet_address "$n" provider 6)")"
done
provider_default 1

# client_start N: what the product does, by hand.
client_start() {
  local n=$1 name=client$1 link=wg-client$1 config=/etc/namespaced-wireguard-vpn.d/client$1.conf
  (
    set -a                                      # the file is plain enough for a shell to read
    # shellcheck source=/dev/null
    . "$config"
    ip netns add "$name"
    ip -n "$name" link set lo up
    if [ "$kind" = kernel ]; then ip link add "$link" type wireguard; else wireguard-go "$link" >/dev/null 2>&1; fi
    wg set "$link" private-key <(echo "$WIREGUARD_PRIVATE_KEY") peer "$WIREGUARD_VPN_PUBLIC_KEY" \
      preshared-key <(echo "$WIREGUARD_VPN_PPRESHARED_KEY") endpoint "$WIREGUARD_ENDPOINT" \
      allowed-ips "$WIREGUARD_ALLOWED_IPS"
    ip link set "$link" netns "$name"
    for address in ${WIREGUARD_IP_ADDRESSES//,/ }; do ip -n "$name" address add "$address" dev "$link" nodad; done
    ip -n "$name" link set "$link" up
    ip -n "$name" route add default dev "$link"
    ip -n "$name" -6 route add default dev "$link"
  )
}

for n in 1 2; do
  provider_config "$n" "client$n"
  check "only root may read the config" same 600 "$(stat -c %a "/etc/namespaced-wireguard-vpn.d/client$n.conf")"
  check "a client of provider $n starts" client_start "$n"
done
for n in 1 2; do
  inside=(ip netns exec "client$n")
  check "provider $n sees its client's tunnel address" seen_as "10.64.$n.2" "$n" 4 "${inside[@]}"
  check "over IPv6, too" seen_as "fd64:$n::2" "$n" 6 "${inside[@]}"
  check "from a systemd service, too" seen_as "10.64.$n.2" "$n" 4 confined "client$n"
  check "the host reaches no inner address of provider $n" not provider_sees "$n" 4
  check "over IPv6 neither" not provider_sees "$n" 6
  check "nor does the other client" not provider_sees "$n" 4 ip netns exec "client$((3 - n))"
  check "provider $n has a handshake" has "$(ip netns exec "provider$n" wg show "wg-provider$n")" 'latest handshake'
done

# A config's keys can be replaced and left out, and the provider follows.
provider_config 1 other WIREGUARD_VPN_PPRESHARED_KEY=- WIREGUARD_IP_ADDRESSES=10.64.1.7/24 \
  WIREGUARD_INITIAL_MTU=1380 '!WIREGUARD_ALLOWED_IPS'
other=$(</etc/namespaced-wireguard-vpn.d/other.conf)
check "a replaced key" has "$other" WIREGUARD_VPN_PPRESHARED_KEY=-
check "an added key" has "$other" WIREGUARD_INITIAL_MTU=1380
check "a key left out" not has "$other" WIREGUARD_ALLOWED_IPS
check "the provider knows that client" has "$(ip netns exec provider1 wg show wg-provider1 allowed-ips)" 10.64.1.7/32

for n in 1 2; do
  check "client $n ends" ip netns delete "client$n"
  check "provider $n ends" provider_stop "$n"
done
check "nothing is left" within 5 unchanged "$before"
finish
