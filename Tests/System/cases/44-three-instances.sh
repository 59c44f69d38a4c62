#!/bin/bash
# Three VPNs of three providers at once, a busy client in each: no client's traffic is seen in another's namespace, at
# another's provider, or on the host; each is seen at its own provider.
# runs-on: container
# limit: 90
# shellcheck disable=SC2034,SC2154  # variables for and of the library
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh
# shellcheck source=../lib/leak.sh
. /usr/lib/nswg-test/leak.sh

ip link set lo up
check "a network for the host starts" lan_start
check "resolvers start on it" resolvers_start
name=(- work home away)
for n in 1 2 3; do
  check "provider $n starts" provider_start "$n"
  check "and answers everything" answers_everything "provider$n"
  # A file each, in both forms; the client's number marks its packets.
  provider_config "$n" "${name[n]}" "WIREGUARD_DNS=10.64.$n.1" "ATTACH_UNITS=nswg-test-busy@${name[n]}.service" \
    "TUNNEL_INIT_IP_ADDRESSES=10.127.$n.1/24,fd99:$n::1/64" "TUNNEL_VPN_IP_ADDRESSES=10.127.$n.2/24,fd99:$n::2/64"
done
systemctl daemon-reload
# Each client turns to everything that the others have, as well.
for n in 1 2 3; do
  near=("$lan_router" "$lan_router_6")
  for other in 1 2 3; do near+=("10.127.$other".{1,2} "fd99:$other::1" "fd99:$other::2" "10.64.$other".{1,2}); done
  printf 'NUMBER=%s\nADDRESSES=%s\n' "$n" "${near[*]}" >"$provider_state/busy-${name[n]}.env"
done

check "the VPNs start" vpn_start "${name[@]:1}"
check "the capture of the host starts" captures_start
for n in 1 2 3; do
  for namespace in "${name[n]}" "provider$n"; do
    check "that of $namespace, too" namespace_capture_start "$namespace"
  done
done

# marks NUMBER FILE: lines about packets of the client with this NUMBER.
marks() {
  grep -iE "(libc|raw|mcast)$1[0-9a-f]+[.-]leak|[ >](198[.]18[.]77[.]|2001:db8:77::)[15]$1([.:, ]|\$)" "$2"
}
# seen NUMBER FILE KIND...: the client's packets are in the file, of every KIND.
seen() {
  local lines kind
  lines=$(marks "$1" "$2" | leaks none 0)
  for kind in "${@:3}"; do grep -q "^$kind " <<<"$lines" || { echo "no $kind of client $1 in $2"; return 1; }; done
}
# unseen NUMBER FILE: none of it is.
unseen() {
  local lines
  lines=$(marks "$1" "$2") || return 0
  echo "client $1 is in $2: $(wc -l <<<"$lines") lines"
  cut -c 1-160 <<<"$lines" | head -n 10
  false
}
# A client of number 4 is let loose everywhere, for each capture to show that it sees what does not belong there.
loose() { NUMBER=4 "$@" /usr/lib/nswg-test/busy -1 - "$lan_router"; }
kinds=(tcp udp icmp ipv6 raw)
check "a client on the host is let loose" loose env
check "the host's capture shows it" within 5 seen 4 "$capture" "${kinds[@]}" libc
for n in 1 2 3; do
  for namespace in "${name[n]}" "provider$n"; do
    check "and in $namespace" loose ip netns exec "$namespace"
    check "whose capture shows it" within 5 seen 4 "$capture-$namespace" "${kinds[@]}"
  done
done

vpn_veth=veth-work0
check "then it is quiet" captures_quiet
position=$(capture_position)

# rounds NUMBER: of that client, since it was started.
rounds() { wc -l <"$provider_state/busy-${name[$1]}"; }
for n in 1 2 3; do check "client $n starts" systemctl start "nswg-test-busy@${name[n]}.service"; done
for n in 1 2 3; do check "and does its rounds" within 60 eval "[ \$(rounds $n) -ge 4 ]"; done
captures_settle
# quiet_end VETH: nothing of any client, and nothing from inside by that tunnel.
quiet_end() { same "" "$(capture_from "$position" | leaks "$1" 80 | cut -c 1-160 | head -n 10)"; }
for n in 1 2 3; do
  check "client $n is seen in its namespace" seen "$n" "$capture-${name[n]}" "${kinds[@]}" libc
  check "and at provider $n" seen "$n" "$capture-provider$n" "${kinds[@]}" libc
  check "the host sees nothing of it" unseen "$n" "$capture"
  check "nor anything by its tunnel" quiet_end "veth-${name[n]}0"
  for other in 1 2 3; do
    [ "$other" != "$n" ] || continue
    check "nor does ${name[other]}" unseen "$n" "$capture-${name[other]}"
    check "nor provider $other" unseen "$n" "$capture-provider$other"
  done
done
check "the captures lost nothing" same 0 "$(captures_stop)"
finish
