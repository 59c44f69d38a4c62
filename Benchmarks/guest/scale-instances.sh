#!/bin/bash
# INSTANCES started and stopped through systemd, 50 at a time, and counted while all run; a guest's script, see lib.sh of
# the system tests.
set -u
# shellcheck source=/dev/null
. /usr/lib/nswg-test/lib.sh

# Past `check`, which keeps what a command says.
exec 3>&1
sample() { printf 'sample\tscale\t%s\t%s\t%s\t%s\n' "$1" "$INSTANCES" "$2" "$3" >&3; }
now() { echo "${EPOCHREALTIME/./}"; }
# memory NAME...: of the processes of these names, the shared parts by halves (Pss), in KiB.
memory() {
  local pid
  for pid in $(pgrep -d ' ' -x "$(IFS='|'; echo "$*")"); do cat "/proc/$pid/smaps_rollup"; done 2>/dev/null |
    awk '/^Pss:/ { n += $2 } END { print n + 0 }'
}
pid1() { awk '/^VmRSS/ { print $2 }' /proc/1/status; }
mounts() { wc -l </proc/1/mountinfo; }
# none_active NAME...
none_active() {
  local name units=()
  for name; do units+=("namespaced-wireguard-vpn-*@$name.service"); done
  same "" "$(systemctl list-units --all --plain --no-legend --no-pager --state=active,activating,deactivating "${units[@]}")"
}

ip link set lo up
# In a group of peers of its own, as the stages make it: the provider's `ip netns` would be the first, and its way
# mounts each name twice.
mkdir -p /run/netns
mount --bind /run/netns /run/netns && mount --make-private /run/netns && mount --make-shared /run/netns || exit 1
check "the provider starts" provider_start 1
provider_default 1
machine=$(snapshot)
many_configs 1 "$INSTANCES"
targets=()
for ((i = 1; i <= INSTANCES; i++)); do targets+=("$(target "c$i")"); done

began=$(now)
check "daemon-reload" systemctl daemon-reload
sample daemon-reload wall-us $(($(now) - began))
sample pid1-before rss-kib "$(pid1)"
began=$(now)
for ((i = 0; i < INSTANCES; i += 50)); do
  part=$(now)
  check "those from $i on start" systemctl start "${targets[@]:i:50}"
  sample "start-from-$i" wall-us $(($(now) - part))
done
sample start-all wall-us $(($(now) - began))
check "all units are active" same $((2 * INSTANCES)) "$(units_in active)"
sample units-active count "$(units_in active)"
sample namespaces count "$(find /run/netns -name 'c[0-9]*' -exec stat -c %i {} + | sort -u | wc -l)"
sample interfaces count "$(for ((i = 1; i <= INSTANCES; i++)); do ip -n "c$i" -oneline link show up dev "wg-c$i"; done | grep -c .)"
sample mounts count "$(mounts)"
sample pid1 rss-kib "$(pid1)"
sample wireguard-go processes "$(pgrep -cx wireguard-go)"
sample wireguard-go pss-kib "$(memory wireguard-go)"
began=$(now)
check "nswg list" same "$INSTANCES" "$(nswg list | grep -c '^c[0-9]')"
sample nswg-list wall-us $(($(now) - began))

began=$(now)
check "all stop at once" systemctl stop "${targets[@]}"
mapfile -t names < <(seq -f 'c%g' "$INSTANCES")
check "and are down" within 300 none_active "${names[@]}"
sample stop-all wall-us $(($(now) - began))
rm /etc/namespaced-wireguard-vpn.d/c*.conf
systemctl daemon-reload
check "nothing is left" within 60 unchanged "$machine"
finish
