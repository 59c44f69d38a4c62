# instance.sh: a VPN as file for every way to bring it up, and what is there when it is; sourced by the guest scripts.
# `stages` says which stages count.
# shellcheck shell=bash disable=SC2154  # stages
bench=${bench:-/usr/lib/nswg-bench}
files=/run/nswg-bench

# write_instance NAME N: its file, with every key of the original, addresses by N; and for the peers.
write_instance() {
  local name=$1 n=$2 private public preshared link tunnel
  private=$(wg genkey) public=$(wg genkey | wg pubkey) preshared=$(wg genpsk)
  local host=10.127.$((n / 64)).$((n % 64 * 4 + 1)) inside=10.127.$((n / 64)).$((n % 64 * 4 + 2))
  local inner4=10.64.$((n / 250 + 1)).$((n % 250 + 2)) inner6=fd64:1::$((n + 2))
  mkdir -p /etc/namespaced-wireguard-vpn.d $files
  (
    umask 077
    cat >"/etc/namespaced-wireguard-vpn.d/$name.conf" <<CONFIG
NETNS_NAME=$name
WIREGUARD_NAME=wg-$name
WIREGUARD_PRIVATE_KEY=$private
WIREGUARD_ENDPOINT=192.0.2.2:51820
WIREGUARD_VPN_PUBLIC_KEY=${PROVIDER_KEY:-$public}
WIREGUARD_VPN_PRESHARED_KEY=$preshared
WIREGUARD_ALLOWED_IPS=0.0.0.0/0,::/0
WIREGUARD_INITIAL_MTU=1420
WIREGUARD_IP_ADDRESSES=$inner4/32,$inner6/128
WIREGUARD_DNS=10.64.255.1
TUNNEL_ENABLE=1
TUNNEL_INIT_NAME=veth-${name}0
TUNNEL_INIT_IP_ADDRESSES=$host/30
TUNNEL_VPN_NAME=veth-${name}1
TUNNEL_VPN_IP_ADDRESSES=$inside/30
CONFIG
    peer=$(printf '%s\n' '[Peer]' "PublicKey = ${PROVIDER_KEY:-$public}" "PresharedKey = $preshared" \
      "AllowedIPs = 0.0.0.0/0, ::/0" "Endpoint = 192.0.2.2:51820")
    printf '%s\n' '[Interface]' "PrivateKey = $private" "$peer" >"$files/$name.setconf"
    printf '%s\n' '[Interface]' "PrivateKey = $private" "Address = $inner4/32, $inner6/128" "MTU = 1420" \
      "$peer" >"$files/wg-$name.conf"
  )
  link="dev wg-$name" tunnel="dev veth-${name}1"
  [[ $stages != *wg* ]] || echo "link add wg-$name mtu 1420 type wireguard" >"$files/$name.host"
  [[ $stages != *wg* ]] || echo "link set wg-$name netns $name" >>"$files/$name.host"
  cat >>"$files/$name.host" <<BATCH
link add veth-${name}0 type veth peer name veth-${name}1 netns $name
address add $host/30 dev veth-${name}0
link set veth-${name}0 up
BATCH
  cat >"$files/$name.inside" <<BATCH
link set lo up
address add $inside/30 $tunnel
link set veth-${name}1 up
BATCH
  [[ $stages != *wg* ]] || cat >>"$files/$name.inside" <<BATCH
address add $inner4/32 $link
address add $inner6/128 $link
link set wg-$name up
route add default $link
route add ::/0 $link
BATCH
  printf '%s\n' "link delete veth-${name}0" "netns delete $name" >"$files/$name.down"
}

# observe NAME: what is there, without what is another at every time: indexes, inodes, ports, hardware addresses.
observe() {
  local name=$1 inside=(ip netns exec "$1") path
  {
    ip -details -n "$name" address show
    ip -details address show dev "veth-${name}0"
  } | sed -E 's/^[0-9]+: ([^:@]+)(@if[0-9]+)?:/\1:/; s/ link-netns(id)? [^ ]+//; s/[0-9a-f:]{17} brd/MAC brd/
    s/inet6 fe80::.*/inet6 link-local/; s/ tentative//'
  ip -details -n "$name" -4 route show table all
  ip -details -n "$name" -6 route show table all | grep -v fe80
  ip -n "$name" rule show
  [[ $stages != *wg* ]] || "${inside[@]}" wg showconf "wg-$name" | grep -v ListenPort
  "${inside[@]}" nft list ruleset
  "${inside[@]}" sh -c 'grep . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/*/forwarding \
    /proc/sys/net/ipv6/conf/*/accept_ra /proc/sys/net/ipv6/conf/*/autoconf /proc/sys/net/ipv6/conf/*/addr_gen_mode \
    /proc/sys/net/ipv6/conf/*/disable_ipv6'
  for path in $(find "/run/namespaced-wireguard-vpn/$name" "/etc/netns/$name" 2>/dev/null | sort); do
    echo "$path"
    [ ! -f "$path" ] || sed -E 's/^((within|namespace) [^ ]+) .*/\1/; s/^(link .*) [0-9]+$/\1/' "$path"
  done
}

# is_up NAME: whatever way it went.
is_up() {
  ip -n "$1" -4 route show | grep -q "dev veth-${1}1" && ip -4 address show dev "veth-${1}0" | grep -q 'state UP' || return
  [[ $stages != *wg* ]] || {
    ip -n "$1" -4 route show table all | grep -q "^default dev wg-$1" || return
    # A wireguard-go can be asked only under the name that it began with.
    [ "$(ip -n "$1" -details link show type wireguard)" = "" ] ||
      ip netns exec "$1" wg show "wg-$1" endpoints | grep -q '192.0.2.2:51820$'
  }
}
