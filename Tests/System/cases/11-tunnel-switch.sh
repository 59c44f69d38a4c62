#!/bin/bash
# TUNNEL_ENABLE=: zero and the words for off make no tunnel, any other number and the words for on make one,
# nothing makes one with addresses of its own, and anything else makes a unit that fails and says where.
# runs-on: container
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1
before=$(snapshot)

declare -A value=(
  [off1]=0 [off2]=no [off3]=off [off4]=false [off5]=000 [off6]=-0 [off7]=NO
  [on1]=1 [on2]=-3 [on3]=007 [on4]=yes [on5]=true [on6]=on [on7]=On
)
mapfile -t off < <(printf '%s\n' "${!value[@]}" | grep off | sort)
mapfile -t on < <(printf '%s\n' "${!value[@]}" | grep on | sort)
for name in "${!value[@]}"; do provider_config 1 "$name" "TUNNEL_ENABLE=${value[$name]}"; done
for name in left-out1 left-out2; do provider_config 1 "$name"; done
provider_config 1 maybe TUNNEL_ENABLE=maybe
provider_config 1 empty TUNNEL_ENABLE=
systemctl daemon-reload

# has_tunnel NAME: each trace that a tunnel can leave is there. tunnel_traces NAME: how many are.
has_tunnel() { same 5 "$(tunnel_traces "$1")"; }
tunnel_traces() {
  local traces=0
  systemctl list-unit-files "namespaced-wireguard-vpn-tunnel@$1.service" | grep -q generated && traces=$((traces + 1))
  systemctl list-dependencies --plain "$(target "$1")" | grep -q -- "-tunnel@$1" && traces=$((traces + 1))
  [ "$(systemctl is-active "$(unit tunnel "$1")")" = active ] && traces=$((traces + 1))
  ip link show "veth-${1}0" >/dev/null 2>&1 && traces=$((traces + 1))
  [ "$(links "$1")" = "veth-${1}1 wg-$1" ] && traces=$((traces + 1))
  echo "$traces"
}

echo "# on"
check "all of these start" vpn_start "${on[@]}"
for name in "${on[@]}"; do check "TUNNEL_ENABLE=${value[$name]}: a tunnel" has_tunnel "$name"; done

echo "# off"
check "all of these start" vpn_start "${off[@]}"
for name in "${off[@]}"; do
  check "TUNNEL_ENABLE=${value[$name]}: the VPN is up" unit_is active "$(target "$name")" "$(unit netns "$name")" "$(unit wg "$name")"
  check "without a trace of a tunnel" same 0 "$(tunnel_traces "$name")"
  check "so that only WireGuard's interface is inside" same "wg-$name" "$(links "$name")"
done
# At most systemd knows a packaged unit that could tear down what an earlier state of the file had made.
unit_file() { systemctl show --property=FragmentPath --value "$1"; }
check "there is no unit file for them" not has "$(unit_file "$(unit tunnel off1)")" /generator/
check "as there is one for the others" has "$(unit_file "$(unit tunnel on1)")" /generator/
check "on the host are the others' ends and nothing else" same "$(printf 'veth-%s0\n' "${on[@]}" | xargs)" \
  "$(ip -oneline link show type veth | sed -E 's/^[0-9]+: ([^:@]+).*/\1/' | grep -v '^internet' | sort | xargs)"

echo "# left out"
check "both start" vpn_start left-out1 left-out2
for name in left-out1 left-out2; do
  # These names are too long for an interface with a prefix and a digit, so they are hashed.
  inside=$(links "$name" | tr ' ' '\n' | grep '^veth-')
  address=$(addresses -n "$name" "$inside")
  check "the tunnel's unit is active" unit_is active "$(unit tunnel "$name")"
  check "its address is one of a /30 of 10.127.0.0/16" grep -Ex '10\.127\.[0-9]+\.[0-9]+/30' <<<"$address"
  check "the host reaches it" ping -c 1 -W 2 "${address%/*}"
done
all=$(ip -4 -oneline address show | awk '$2 ~ /^veth-/ { print $4 }')
check "every tunnel has a /30" same $((${#on[@]} + 2)) "$(grep -c '/30$' <<<"$all")"
check "of its own" same "" "$(ip -4 route show | awk '$1 ~ /^10\.127\./ { print $1 }' | sort | uniq -d)"
check "for which there is a route each" same $((${#on[@]} + 2)) "$(ip -4 route show | grep -c '^10\.127\..*/30 dev veth-')"

echo "# maybe"
for name in maybe empty; do
  place=$(config_path "$name"):$(grep -n '^TUNNEL_ENABLE=' "$(config_path "$name")" | cut -d : -f 1):
  check "$name: the start fails" not vpn_start "$name"
  # The target's job ends with that of the first unit that fails.
  check "the unit of its namespace has failed" within 10 unit_is failed "$(unit netns "$name")"
  check "nothing of it is up" within 10 states_are "netns=failed wg=failed tunnel=inactive target=inactive" "$name"
  for shown in "$(unit_says "$(unit netns "$name")")" "$(journalctl --quiet --output=cat --unit="$(unit netns "$name")")"; do
    check "file, line and key are shown" has "$shown" "$place"
    check "and what is wrong" has "$shown" 'is neither on nor off; allowed: a number, yes, no, true, false, on or off'
  done
  check "the kernel's log has it, too" has "$(</run/testbed/kmsg.log)" "$place"
  check "no namespace was made" not test -e "/run/netns/$name"
  check "the unit for its WireGuard says the same" not systemctl start "$(unit wg "$name")"
  check "file, line and key" status_has "$(unit wg "$name")" "$place"
done
check "a service bound to it does not start" not http_start bare.service maybe maybe bare
check "the kernel's log says nothing about the others" not grep -E '/(on|off|left-out)[0-9]\.conf' /run/testbed/kmsg.log
check "who run on" vpn_is_up on1

check "all stop" vpn_stop "${on[@]}" "${off[@]}" left-out1 left-out2
systemctl reset-failed
check "nothing is left" within 10 unchanged "$before"
finish
