#!/bin/bash
# The files that VPN providers hand out, dropped in as they are: in the manner of Mullvad, Proton, IVPN, AirVPN,
# Windscribe, Surfshark and NordVPN, of a server of one's own (two, with hooks), and one with sections of ours.
# Each starts, and the provider sees its address; hooks are never run and no file is ever written.
# runs-on: container
# limit: 120
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh
export SYSTEMD_COLORS=0

ip link set lo up
for n in 1 2; do check "provider $n starts" provider_start "$n"; done
provider_default 1
samples=/usr/lib/nswg-test/samples
directory=/etc/namespaced-wireguard-vpn.d
mkdir -p "$directory"
public() { cat "/run/nswg-test/provider$1/public-key"; }

# know N PATH PRIVATE PRESHARED|-: provider N knows the client of this file, and routes its addresses.
know() {
  local addresses address
  addresses=$(sed 's/#.*//' "$2" | tr -d ' \r' | awk -F= 'tolower($1) ~ /^\[/ { s = tolower($1) }
    s == "[interface]" && tolower($1) == "address" { print $2 }' | paste -sd ,)
  provider_peer "$1" "$(wg pubkey <<<"$3")" "$4" "$addresses"
  for address in ${addresses//,/ }; do ip -n "provider$1" route replace "${address%/*}" dev "wg-provider$1"; done
}
# drop NAME [N]: put the sample NAME, with keys and endpoints of the providers, where a user puts it.
declare -A private
drop() {
  local name=$1 secret
  private[$name]=$(wg genkey) secret=$(wg genpsk)
  (umask 077 && sed -e "s|@PRIVATE_KEY@|${private[$name]}|; s|@PRESHARED_KEY@|$secret|" \
    -e "s|@PUBLIC_KEY@|$(public 1)|; s|@PUBLIC_KEY2@|$(public 2)|; s|@ENDPOINT2@|$(provider_endpoint 2)|" \
    -e "s|@ENDPOINT@|$(provider_endpoint 1)|; s|@ENDPOINT6@|$(provider_endpoint 1 6)|" \
    "$samples/$name.conf" >"$directory/$name.conf")
  grep -q PresharedKey "$samples/$name.conf" || secret=-
  know 1 "$directory/$name.conf" "${private[$name]}" "$secret"
}

mapfile -t names < <(basename -s .conf "$samples"/*.conf)
check "there are samples of eight kinds and ours" test "${#names[@]}" -ge 9
for name in "${names[@]}"; do drop "$name"; done
know 2 "$directory/home.conf" "${private[home]}" -
echo "$(internet_address 1 provider) arn-1-wg.example.org" >>/etc/hosts
mkdir -p /etc/namespaced-wireguard-vpn.keys
(umask 077 && echo "${private[ours]}" >/etc/namespaced-wireguard-vpn.keys/ours)
sums=$(cd "$directory" && sha256sum -- *.conf)
systemctl daemon-reload
check "no file has a fault" not grep -E ' refuse ' /run/systemd/generator/namespaced-wireguard-vpn-netns@*.service
before=$(snapshot)
check "all start" vpn_start "${names[@]}"

# The namespace is named after the file, if the file does not say otherwise.
namespace() { [ "$1" = ours ] && echo outside || echo "$1"; }
wireguard_link() { links "$(namespace "$1")" | tr ' ' '\n' | grep ^wg; }
while read -r name four six mtu; do
  inside=(ip netns exec "$(namespace "$name")")
  link=$(wireguard_link "$name")
  echo "# $name"
  check "all of its units are active" vpn_is_up "$name"
  check "its interfaces have names of at most 15 bytes" test "$(links "$(namespace "$name")" | tr ' ' '\n' | awk '{ print length }' | sort -n | tail -n 1)" -le 15
  check "its key is set" same "$(wg pubkey <<<"${private[$name]}")" "$(wg_show "$(namespace "$name")" "$link" public-key)"
  check "the provider sees $four" seen_as "$four" 1 4 "${inside[@]}"
  if [ "$six" = - ]; then
    check "over IPv6 nothing leads out" not provider_sees 1 6 "${inside[@]}"
    check "not even to the Internet" not http_get "$(internet_address 1 provider 6)" "${inside[@]}"
  else
    check "over IPv6 $six" seen_as "$six" 1 6 "${inside[@]}"
  fi
  check "the MTU is $mtu" same "$mtu" "$(mtu -n "$(namespace "$name")" "$link")"
  # The WireGuard stage is where messages about the file go; nothing but hooks deserves one here.
  said=$(journalctl --quiet --output=cat --priority=warning --unit="$(unit wg "$name")")
  [ "$name" = home ] || check "nothing is wrong with it" same "" "$said"
done <<'SAMPLES'
mullvad-se-sto-wg-001 10.66.111.7 fc00:bbbb:bbbb:bb01::3:6f06 1440
wg-CH-FREE-12 10.2.0.2 - 1440
ivpn-Sweden-Stockholm 172.25.144.12 fd00:4956:504e:ffff::ac19:900c 1408
AirVPN_SE-Stockholm_Copernicus_UDP-1637-Entry3 10.165.23.9 fd7d:76ee:e68f:a993:1b2:69ab:4a61:16bb 1320
Windscribe-Stockholm-Djurgarden 100.86.41.17 - 1440
se-sto 10.14.0.2 - 1440
nordlynx-se407 10.5.0.2 - 1440
home 192.168.66.5 fd66::5 1440
ours 10.66.112.8 - 1440
SAMPLES

echo "# what single files say"
check "Windscribe's host name was resolved" peer_has Windscribe-Stockholm-Djurgarden \
  "$(wireguard_link Windscribe-Stockholm-Djurgarden)" endpoints "$(provider_endpoint 1)"
check "only that one waits for the network" same "$(unit wg Windscribe-Stockholm-Djurgarden)" \
  "$(grep -l '^Wants=network-online.target' /run/systemd/generator/namespaced-wireguard-vpn-wg@* | xargs -n 1 basename)"
check "Nord's port is the host's" grep -E ':51822\b' <<<"$(ss -Huln)"
check "AllowedIps is AllowedIPs" peer_has se-sto "$(wireguard_link se-sto)" allowed-ips 0.0.0.0/0
check "Proton's keepalive" peer_has wg-CH-FREE-12 "$(wireguard_link wg-CH-FREE-12)" persistent-keepalive 25
check "IVPN's server is reached by IPv6" peer_has ivpn-Sweden-Stockholm "$(wireguard_link ivpn-Sweden-Stockholm)" \
  endpoints "$(provider_endpoint 1 6)"
check "the flat is reached from home" seen_as 192.168.66.5 1 4 ip netns exec home
check "so is the allotment" seen_as 192.168.66.5 2 4 ip netns exec home
check "over IPv6, too" seen_as fd66::5 2 6 ip netns exec home
check "and nothing else" not http_get "$(internet_address 1 provider)" ip netns exec home

echo "# our own sections"
check "[Namespace] Name" test -e /run/netns/outside
check "Interface, and in [Tunnel] Interface" same "to-host wg0" "$(links outside)"
check "HostInterface and HostAddress" same "10.9.0.1/30 fd99::1/64" "$(addresses to-outside)"
check "Address of [Tunnel]" same "10.9.0.2/30 fd99::2/64" "$(addresses -n outside to-host)"
check "the host reaches the namespace through it" ping -c 1 -W 2 10.9.0.2
check "Autostart" has "$(systemctl show --property=Wants --value multi-user.target)" "$(target ours)"
check "and no other starts with the machine" same 1 \
  "$(systemctl show --property=Wants --value multi-user.target | tr ' ' '\n' | grep -c ^namespaced)"
check "Userspace" has "$(ps -e -o args=)" "/usr/bin/wireguard-go -f nswg-"
vpn_stop se-sto
cp "$directory/se-sto.conf" /run/nswg-test/
printf '\n[Tunnel]\nEnable = no\n' >>"$directory/se-sto.conf"
systemctl daemon-reload
check "Enable=no: it starts" vpn_start se-sto
check "without a tunnel" vpn_is_up se-sto no-tunnel
check "the provider sees it" seen_as 10.14.0.2 1 4 ip netns exec se-sto
vpn_stop se-sto
cp /run/nswg-test/se-sto.conf "$directory/"

echo "# hooks and SaveConfig"
check "all others stop" vpn_stop "${names[@]}"
check "nothing is left" within 20 unchanged "$before"
hooks() { find /run -maxdepth 1 -name 'hook-*' -printf '%f\n' | sort | xargs; }
check "no hook has run" same "" "$(hooks)"
check "no file has changed" same "$sums" "$(cd "$directory" && sha256sum -- *.conf)"
check "no file has come, either" same "${#names[@]}" "$(find "$directory" -mindepth 1 ! -name '*.sample' | wc -l)"
warning="$directory/home.conf:7:1: not used: SaveConfig= (line 7), PreUp= (line 8), PostUp= (line 9), PostUp= (line 10), \
PreDown= (line 11), PostDown= (line 12); commands in a configuration are never run"
check "the one warning names them all" has "$(kernel_log)" "$warning"
journalctl --sync
check "the unit's log has it, too" has "$(journalctl --quiet --output=cat --unit="$(unit wg home)")" "$warning"
check "nswg-stage check says the same" has "$(stage check "$directory/home.conf" 2>&1)" "$warning"
# The same file by wg-quick: it runs the commands and writes the file, so both would have been seen.
mkdir -p /run/nswg-test/quick
cp "$directory/home.conf" /run/nswg-test/quick/home.conf
for program in resolvconf iptables; do
  printf '#!/bin/sh\ncat >/dev/null\n' >/usr/local/bin/$program
  chmod 755 /usr/local/bin/$program
done
ip netns add quick
quick() { ip netns exec quick wg-quick "$1" /run/nswg-test/quick/home.conf </dev/null; }
check "wg-quick up" quick up
check "wg-quick down" quick down
check "wg-quick runs each of these hooks" same "hook-postdown hook-postup hook-postup2 hook-predown hook-preup" "$(hooks)"
check "and writes the file" not cmp "$directory/home.conf" /run/nswg-test/quick/home.conf
ip netns delete quick
rm /run/hook-*
check "nothing is left in the end" within 20 unchanged "$before"
finish
