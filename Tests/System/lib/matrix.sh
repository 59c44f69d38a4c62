# matrix.sh: a busy client inside a VPN, and all that can happen to the VPN and its host meanwhile. A case says which VPN:
#   vpn_namespace vpn_config vpn_link vpn_veth (the host's end) vpn_veth_inside vpn_netns_unit vpn_wg_unit
# and defines `vpn_up`, for the VPN and the client, $busy, and `judge NAME`, called after each cell, whose leaks are in
# $cell.
# shellcheck shell=bash disable=SC2154  # variables of a case, provider.sh and capture.sh

busy=nswg-test-busy@work.service
busy_log=$provider_state/busy-work
cell=$provider_state/cell
table=$provider_state/table
served_port=80
# How the table calls the kinds of packets.
leak_titles=("TCP" "UDP" "ICMP" "IPv6" "DNS: C library" "DNS: sockets" "multicast" "mDNS, LLMNR" "to the host" "other")

# busy_near ADDRESS...: the client turns to these addresses, too; from its next start on.
busy_near() { mkdir -p "$provider_state" && echo "ADDRESSES=$*" >"$busy_log.env" && : >>"$busy_log"; }

# busy_rounds SINCE: how many rounds the client has begun since then, and ended; and its connections to the Internet.
busy_rounds() { awk -v since="$1" '$1 >= since { rounds++; reached += $2 } END { print rounds + 0, reached + 0 }' "$busy_log"; }
# two_rounds SINCE: it has done two of them, or it is not there to do any, and will not be.
two_rounds() {
  [ "$(busy_rounds "$1" | cut -d ' ' -f 1)" -ge 2 ] ||
    grep -qx 'ActiveState=\(inactive\|failed\) Job=' <<<"$(systemctl show --property=ActiveState,Job "$busy" | sort | xargs)"
}

# found POSITION: what leaked since then.
found() { captures_settle && capture_from "$1" | leaks "$vpn_veth" "$served_port"; }

# cell NAME REACHES CHANGE [UNDO]: what is seen of the client outside of its tunnel from CHANGE on, through two rounds of
# the client, until the VPN works again after UNDO. REACHES is yes where a confined client reaches the Internet meanwhile.
cell() {
  local name=$1 change=$3 undo=${4:-} position since
  cell_reaches=$2
  echo "# $name"
  position=$(capture_position)
  check "it happens" "$change"
  since=$EPOCHREALTIME
  within 60 two_rounds "$since"
  cell_state=$(systemctl is-active "$busy")
  read -r cell_rounds cell_reached < <(busy_rounds "$since")
  if [ -n "$undo" ]; then
    check "it is undone" "$undo"
    check "the VPN works again" vpn_up
  fi
  found "$position" >"$cell"
  # shellcheck disable=SC2046  # numbers
  printf '| %s |%s %s |\n' "$name" "$(printf ' %d |' $(leak_counts <"$cell"))" \
    "$([ "$cell_state" = active ] && echo "$cell_rounds" || echo "$cell_state")" >>"$table"
  judge "$name"
}
# cell_is_open: in the cell the client was busy, and reached the Internet or not, as the cell says; `any` allows both, and
# that it was not there.
cell_is_open() {
  case $cell_reaches in
    yes) [ "$cell_rounds" -ge 2 ] && [ "$cell_reached" -gt 0 ] ;;
    no) [ "$cell_reached" = 0 ] && { [ "$cell_rounds" -ge 2 ] || [ "$cell_state" != active ]; } ;;
    any) [ "$cell_rounds" -ge 2 ] || [ "$cell_state" != active ] ;;
  esac || { echo "$cell_rounds rounds, $cell_reached connections, $cell_state"; false; }
}

# table_show: the cells, as in the README.
table_show() {
  echo "| |$(printf ' %s |' "${leak_titles[@]}") rounds |"
  echo "|---|$(printf '%.0s---|' "${leak_titles[@]}")---|"
  cat "$table"
}

# no_leaks: the cell's; shows some of each kind.
no_leaks() {
  [ -s "$cell" ] || return 0
  leak_counts <"$cell" | xargs -n 1 | paste -d ' ' - <(printf '%s\n' "${leak_kinds[@]}") | grep -v '^0' | xargs
  awk 'n[$1]++ < 4' "$cell" | cut -c 1-160
  false
}

# inside ARG...: in the VPN's namespace. opened COMMAND...: the same, without any filter there may be.
inside() { ip netns exec "$vpn_namespace" "$@"; }
opened() {
  local status
  inside nft --stateless list ruleset >"$provider_state/rules" && inside nft flush ruleset || return
  inside "$@"
  status=$?
  inside nft --file "$provider_state/rules" || return
  return "$status"
}

# leaks_seen LINK "KIND..." COMMAND...: a deliberate leak: COMMAND makes packets of each KIND on the host's LINK, and
# they are found.
leaks_seen() {
  local link=$1 kinds=$2 position kind missing=''
  shift 2
  position=$(capture_position)
  "$@" || { echo "cannot leak"; return 1; }
  found "$position" >"$cell"
  for kind in $kinds; do grep -q "^$kind [^ ]* $link " "$cell" || missing+=" $kind"; done
  [ -z "$missing" ] || { echo "not seen on $link:$missing"; cut -c 1-160 "$cell" | head -n 30; false; }
}

# captures_quiet: nobody on the host is busy with an earlier question any more.
captures_quiet() {
  local position
  for _ in {1..15}; do
    position=$(capture_position)
    sleep 1.5
    [ -n "$(found "$position")" ] || return 0
  done
  return 1
}

# check_detectors: on every interface of the host a leak of the same client is seen.
check_detectors() {
  local one=/usr/lib/nswg-test/busy near=("$lan_router" "$lan_router_6")
  check "a leak is seen on the way to the Internet" \
    leaks_seen lan0 "tcp udp icmp ipv6 libc raw multicast mdns" "$one" -1 lan0 "${near[@]}"
  check "on the loopback interface" leaks_seen lo "raw libc" "$one" -1 -
  check "beside the provider's encrypted packets" leaks_seen internet1 "tcp udp icmp raw multicast mdns" "$one" -1 internet1
  check "on the host's end of the tunnel" leaks_seen "$vpn_veth" "host raw multicast mdns" \
    opened "$one" -1 "$vpn_veth_inside" 10.127.0.1 fd99::1
  forwarding_on
  check "and how it goes on from there, masqueraded" leaks_seen lan0 "tcp udp icmp raw" \
    opened "$one" -1 "$vpn_veth_inside" "${near[@]}"
  forwarding_off
  # Since its version 4.1 transmission takes its time before it looks for peers nearby.
  check "those of a real service, too" \
    leaks_seen lan0 "tcp udp libc raw$(transmission-daemon --version 2>&1 | sed -n 's/.*-daemon 3.*/ multicast/p')" transmission_outside
  check "then it is quiet" captures_quiet
}
