#!/bin/bash
# What `systemd-analyze security` says of every unit of ours is no worse than it was, and each point that it finds
# open is explained in the unit. The figures are those of the manual and of wg-quick@.service beside them.
# runs-on: container
# limit: 120
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1
provider_config 1 work TUNNEL_ENABLE=yes PUBLISH=127.0.0.1:9091 TUNNEL_PORT_FORWARDS=eth0:8000/tcp
provider_config 1 name WIREGUARD_ENDPOINT=vpn.example.org:51820 TUNNEL_ENABLE=yes
provider_config 1 broken WIREGUARD_ENDPOINT=192.0.2.2
systemctl daemon-reload
generated=/run/systemd/generator

# table UNIT: what systemd-analyze has to say, as it is loaded.
table() { systemd-analyze security --no-pager "$1" 2>&1; }
# exposure UNIT: its figure, from 0.0 to 10.0, in tenths.
exposure() { table "$1" | sed -nE 's/.*exposure level for .*: ([0-9]+)\.([0-9]).*/\1\2/p' | sed 's/^0//'; }
# tenths LIMIT
tenths() { sed -E 's/^0*([0-9]*)\.([0-9])$/\1\2/' <<<"$1"; }
# open_points UNIT: the names of the settings that are open, without what follows the '='.
open_points() { table "$1" | sed -nE 's/^✗ ([A-Za-z]+=).*/\1/p' | sort -u; }
# unexplained UNIT: open points that no comment of the unit names.
unexplained() {
  local point
  for point in $(open_points "$1"); do
    systemctl cat "$1" | grep -q "^# .*\b$point" || echo "$point"
  done
}
# at_most LIMIT UNIT
at_most() {
  local figure
  figure=$(exposure "$2")
  echo "$2 has $figure tenths, allowed: $1"
  [ -n "$figure" ] && [ "$figure" -le "$(tenths "$1")" ]
}
# exactly FIGURE UNIT
exactly() {
  local figure
  figure=$(exposure "$2")
  echo "$2 has $figure tenths, the manual says: $1"
  [ "$figure" = "$(tenths "$1")" ]
}

echo "# the figures"
manual=/usr/share/man/man7/namespaced-wireguard-vpn.7
# figure UNIT: what the manual says of it.
figure() { grep -B 1 -F "${1//-/\\-}@" $manual | sed -n 's/^\.B \([0-9.]*\)$/\1/p'; }
netns=$(figure vpn-netns) wg=$(figure vpn-wg) tunnel=$(figure vpn-tunnel)
online=$(figure vpn-online) endpoint=$(figure vpn-endpoint)
publish=$(grep -B 1 -F 'publish\- ADDRESS' $manual | sed -n 's/^\.B //p') wg_quick=$(figure wg-quick)
check "the manual has figures" same 7 "$(printf '%s\n' "$netns" "$wg" "$tunnel" "$online" "$endpoint" "$publish" "$wg_quick" | grep -cxE '[0-9]\.[0-9]')"
check "of a VPN's services none is worse than this" same "34 22 20 20 20" \
  "$(for figure in "$netns" "$wg" "$tunnel" "$online" "$endpoint"; do tenths "$figure"; done | xargs)"
version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
if [ "$version" != 252 ]; then
  # The figures are those of 252; later ones know of more, and weigh otherwise.
  for stage in netns wg tunnel; do
    echo "# systemd $version: $(table "$(unit $stage work)" | tail -n 1)"
    check "$stage has a figure half a point from that of 252 at most" test "$(exposure "$(unit $stage work)")" -le $(($(tenths "${!stage}") + 5))
  done
  finish
fi
for name in work name broken; do
  for stage in netns wg tunnel; do
    one=$(unit $stage $name)
    limit=${!stage}
    # It makes no namespace, so it has no PrivateNetwork=.
    [ "$stage.$name" != netns.broken ] || limit=3.9
    check "$one" at_most "$limit" "$one"
    check "its open points are explained in it" same "" "$(unexplained "$one")"
  done
done
for unit in online endpoint; do
  one=namespaced-wireguard-vpn-$unit@work.service
  check "$one" at_most "${!unit}" "$one"
  check "its open points are explained in it" same "" "$(unexplained "$one")"
done
check "a name lookup" at_most 1.3 namespaced-wireguard-vpn-resolve@0.service
check "its open points are explained in it" same "" "$(unexplained namespaced-wireguard-vpn-resolve@0.service)"
check "a published port" at_most "$publish" namespaced-wireguard-vpn-publish-127.0.0.1_9091@work.service
check "a name without a file" at_most 4.2 "$(unit wg nobody)"
check "wg-quick@.service, measured the same way" exactly "$wg_quick" wg-quick@work.service
for one in "$(unit netns work)" "$(unit wg work)" "$(unit tunnel work)" namespaced-wireguard-vpn-{online,endpoint}@work.service wg-quick@work.service; do
  echo "# $one: $(table "$one" | tail -n 1)"
done

echo "# whoever takes a setting away is seen here"
# copy_without STAGE LINE COPY
copy_without() {
  awk -v line="$2" 'seen || $0 != line; $0 == line { seen = 1 }' "$generated/$(unit "$1" work)" \
    >"/run/systemd/system/$3"
  systemctl daemon-reload
}
# without STAGE LINE: the unit without this line fails one of the two checks above.
without() {
  local copy=planted-$1.service limit=${!1}
  copy_without "$1" "$2" "$copy"
  ! { at_most "$limit" "$copy" && [ -z "$(unexplained "$copy")" ]; }
}
for stage in netns wg tunnel; do
  copy_without $stage '' planted-$stage.service
  check "$stage: a copy is as good" at_most "${!stage}" planted-$stage.service
  check "and explained" same "" "$(unexplained planted-$stage.service)"
  while read -r line; do
    check "$stage: without $line" without $stage "$line"
  done < <(grep -E '^(NoNewPrivileges|LockPersonality|MemoryDeny|Restrict|SystemCallA|SystemCallFilter=[@~]|Capability|Protect|Private|IPAddr|DevicePolicy)' \
    "$generated/$(unit $stage work)" | grep -v PrivateMounts=no)
done
finish
