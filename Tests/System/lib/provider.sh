# provider.sh: VPN providers of our own, each in a network namespace `providerN` (N is 1, 2 or 3) that a
# veth pair, in the role of the Internet, joins to the host's.
#
#   host: internetN  192.0.2.1/24, 2001:db8:N::1/64 -- uplink 192.0.2.2/24, 2001:db8:N::2/64 :providerN
#   providerN: wg-providerN  10.64.N.1/24, fd64:N::1/64, UDP port 51820; HTTP on port 80 of every address
#   a client: 10.64.N.2/32, fd64:N::2/128
# (provider 2 has 198.51.100.0/24 and provider 3 has 203.0.113.0/24 for its Internet.)
# shellcheck shell=bash

provider_state=/run/nswg-test
provider_networks=(- 192.0.2 198.51.100 203.0.113)

# wireguard_kind: prints `kernel` or `wireguard-go`, which of the two there is here.
wireguard_kind() {
  if ip link add nswg-probe type wireguard 2>/dev/null; then
    ip link delete nswg-probe
    echo kernel
  else
    echo wireguard-go
  fi
}

# internet_address N host|provider [4|6]: prints that end's address on the Internet between them.
internet_address() {
  local last=1
  [ "$2" = host ] || last=2
  case ${3:-4} in
    4) echo "${provider_networks[$1]}.$last" ;;
    6) echo "2001:db8:$1::$last" ;;
  esac
}

# provider_endpoint N [4|6]: prints where provider N listens.
provider_endpoint() {
  case ${2:-4} in
    4) echo "$(internet_address "$1" provider 4):51820" ;;
    6) echo "[$(internet_address "$1" provider 6)]:51820" ;;
  esac
}

# provider_start N
provider_start() {
  local n=$1 name=provider$1 network=${provider_networks[$1]} state=$provider_state/provider$1
  (umask 077 && mkdir -p "$state" && wg genkey >"$state/private-key")
  wg pubkey <"$state/private-key" >"$state/public-key"

  ip netns add "$name" || return
  ip -n "$name" link set lo up
  ip link add "internet$n" type veth peer name uplink netns "$name"
  # No link-local addresses and no duplicate detection: they come in their own time, and a test wants stillness.
  ip link set "internet$n" addrgenmode none up
  ip -n "$name" link set uplink addrgenmode none up
  ip address add "$network.1/24" dev "internet$n"
  ip address add "2001:db8:$n::1/64" dev "internet$n" nodad
  ip -n "$name" address add "$network.2/24" dev uplink
  ip -n "$name" address add "2001:db8:$n::2/64" dev uplink nodad
  # As in the Internet, inner addresses lead nowhere: whoever reaches one came through a tunnel.
  ip netns exec "$name" nft -f - <<'NFT'
table inet internet {
  chain input {
    type filter hook input priority filter
    iifname "uplink" ip daddr 10.64.0.0/16 drop
    iifname "uplink" ip6 daddr fd64::/16 drop
  }
}
NFT
  provider_wireguard "$n" || return
  systemctl start "nswg-test-http@$name.socket"
}

# provider_wireguard N: its WireGuard interface. wireguard-go gets a unit of its own, and the interface a name
# that no other namespace has, since its sockets lie in one directory for all of them.
provider_wireguard() {
  local n=$1 name=provider$1 link=wg-provider$1
  if [ "$(wireguard_kind)" = kernel ]; then
    ip -n "$name" link add "$link" type wireguard || return
  else
    systemd-run --quiet --collect --service-type=exec --unit="nswg-test-$link" \
      --property=NetworkNamespacePath="/run/netns/$name" wireguard-go -f "$link" || return
    for _ in {1..100}; do
      [ ! -S "/run/wireguard/$link.sock" ] || break
      sleep 0.05
    done
  fi
  ip netns exec "$name" wg set "$link" listen-port 51820 private-key "$provider_state/$name/private-key"
  ip -n "$name" address add "10.64.$n.1/24" dev "$link"
  ip -n "$name" address add "fd64:$n::1/64" dev "$link" nodad
  ip -n "$name" link set "$link" mtu 1420 up
}

# provider_stop N: all of it away, clients' keys included.
provider_stop() {
  local n=$1 name=provider$1
  systemctl stop "nswg-test-http@$name.socket" 'nswg-test-http@*.service'
  ip link delete "internet$n"
  ip netns delete "$name"
  # Without its interface wireguard-go ends by itself, but later.
  systemctl stop "nswg-test-wg-$name.service" 2>/dev/null
  rm -rf "${provider_state:?}/$name"
}

# provider_default N: let the host's default routes lead into provider N's Internet, as a real host has some:
# a leak must find a way out to be seen.
provider_default() {
  ip route replace default via "${provider_networks[$1]}.2" dev "internet$1"
  ip -6 route replace default via "2001:db8:$1::2" dev "internet$1"
}

# provider_peer N PUBLIC_KEY PRESHARED_KEY|- ADDRESSES: make a client known. ADDRESSES may carry any prefix
# length; the provider routes only each address itself.
provider_peer() {
  local address allowed='' secret=()
  for address in ${4//,/ }; do
    case $address in
      *:*) allowed+=,${address%/*}/128 ;;
      *) allowed+=,${address%/*}/32 ;;
    esac
  done
  [ "$3" = - ] || secret=(preshared-key /dev/stdin)
  ip netns exec "provider$1" wg set "wg-provider$1" peer "$2" "${secret[@]}" allowed-ips "${allowed#,}" <<<"$3"
}

# provider_config N NAME [KEY=VALUE | !KEY]...: write NAME.conf for a new client of provider N and make the
# client known there. KEY=VALUE replaces or adds a line, !KEY leaves one out. A NAME with a slash is a path.
provider_config() {
  local n=$1 path=$2 setting private
  shift 2
  case $path in
    */*) ;;
    *) path=/etc/namespaced-wireguard-vpn.d/$path.conf ;;
  esac
  private=$(wg genkey)
  local -A value=(
    [WIREGUARD_PRIVATE_KEY]=$private
    [WIREGUARD_ENDPOINT]=$(provider_endpoint "$n")
    [WIREGUARD_VPN_PUBLIC_KEY]=$(<"$provider_state/provider$n/public-key")
    [WIREGUARD_VPN_PPRESHARED_KEY]=$(wg genpsk)
    [WIREGUARD_ALLOWED_IPS]="0.0.0.0/0,::/0"
    [WIREGUARD_IP_ADDRESSES]="10.64.$n.2/32,fd64:$n::2/128"
  )
  for setting; do
    case $setting in
      !*) unset "value[${setting#!}]" ;;
      *) value[${setting%%=*}]=${setting#*=} ;;
    esac
  done
  mkdir -p "$(dirname "$path")"
  (
    umask 077
    for setting in "${!value[@]}"; do echo "$setting=${value[$setting]}"; done | sort >"$path"
  )
  provider_peer "$n" "$(wg pubkey <<<"$private")" "${value[WIREGUARD_VPN_PPRESHARED_KEY]:--}" \
    "${value[WIREGUARD_IP_ADDRESSES]:-}"
}

# provider_sees N [4|6] COMMAND...: run COMMAND (such as `ip netns exec work`) with a request to provider N's
# inner address; prints the address that the provider saw.
provider_sees() {
  local n=$1 url=http://10.64.$1.1/
  shift
  case $1 in
    4) shift ;;
    6) url=http://[fd64:$n::1]/; shift ;;
  esac
  "$@" curl --silent --show-error --max-time 3 --noproxy '*' "$url"
}

# seen_as ADDRESS N 4|6 COMMAND...: within some seconds, that is the address that provider N sees.
seen_as() {
  local expected=$1 seen=''
  shift
  for _ in {1..8}; do
    seen=$(provider_sees "$@" 2>&1) && [ "$seen" = "$expected" ] && return
    sleep 0.3
  done
  echo "provider $1 should see $expected; got: $seen"
  return 1
}
