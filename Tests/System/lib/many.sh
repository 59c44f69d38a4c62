# many.sh: many peers in one instance, and many instances.
# shellcheck shell=bash disable=SC2154  # variables of provider.sh

# many_peers COUNT EACH [FIRST]: a [Peer] section for each, of EACH networks of one address; no two have one in common.
many_peers() {
  awk -v count="$1" -v each="$2" -v first="${3:-0}" 'BEGIN {
    for (i = first; i < first + count; i++) {
      # 44 letters of base64, which stand for 32 bytes.
      printf "\n[Peer]\nPublicKey = peer%038d0=\nEndpoint = 198.18.%d.%d:51820\nAllowedIPs = ", i, i / 250, i % 250 + 1
      for (j = 0; j < each; j++) {
        n = i * each + j
        printf "%s10.%d.%d.%d/32", j ? ", " : "", 65 + int(n / 65536), int(n / 256) % 256, n % 256
      }
      print ""
    }
  }'
}

# large_config N NAME COUNT EACH: NAME.conf in a provider's form, with provider N and that many further peers.
large_config() {
  local n=$1 path private
  path=$(config_path "$2") private=$(wg genkey)
  provider_peer "$n" "$(wg pubkey <<<"$private")" - "10.64.$n.2/32"
  (
    umask 077
    mkdir -p "$(dirname "$path")"
    cat >"$path" <<CONF
[Interface]
PrivateKey = $private
Address = 10.64.$n.2/32

[Peer]
PublicKey = $(<"$provider_state/provider$n/public-key")
Endpoint = $(provider_endpoint "$n")
AllowedIPs = 10.64.$n.1/32
CONF
    many_peers "$3" "$4" >>"$path"
  )
}

# written_networks FILE: a line for each allowed network of each peer, with the peer's key.
written_networks() {
  awk '$1 == "PublicKey" { key = $3 } $1 == "AllowedIPs" { gsub(",", ""); for (i = 3; i <= NF; i++) print key, $i }' "$1" |
    sort
}

# present_networks NAMESPACE LINK: the same of an interface.
present_networks() {
  wg_show "$1" "$2" allowed-ips | awk '{ for (i = 2; i <= NF; i++) if ($i != "(none)") print $1, $i }' | sort
}

# many_configs N COUNT: clients c1, c2 ... of provider N, none of which has a tunnel to the host.
many_configs() {
  local i
  mkdir -p /etc/namespaced-wireguard-vpn.d
  for ((i = 1; i <= $2; i++)); do
    (
      umask 077
      cat >"$(config_path "c$i")" <<CONF
WIREGUARD_PRIVATE_KEY=$(wg genkey)
WIREGUARD_ENDPOINT=$(provider_endpoint "$1")
WIREGUARD_VPN_PUBLIC_KEY=$(<"$provider_state/provider$1/public-key")
WIREGUARD_IP_ADDRESSES=10.66.$((i / 250)).$((i % 250 + 1))/32
TUNNEL_ENABLE=no
CONF
    )
  done
}

# units_in STATE: how many services of instances are in it.
units_in() {
  systemctl list-units --all --plain --no-legend --no-pager --state="$1" 'namespaced-wireguard-vpn-*@c*.service' | wc -l
}
