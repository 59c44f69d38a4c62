#!/bin/bash
# footprint: the size of each program, the most memory it has resident, and its shared libraries, beside the peers'.
set -u
# shellcheck source=../lib.sh
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
fstab_generator=/lib/systemd/system-generators/systemd-fstab-generator
netplan=/usr/libexec/netplan/generate
nswg=$BENCH_TREE/usr/bin/nswg

# program NAME FILE: its size, and how many libraries it needs, those of its libraries included.
program() {
  local file libraries
  file=$(readlink -f "$2")
  sample footprint "$1" 0 bytes "$(stat --format=%s "$file")"
  # A script has none; the loader and the vDSO are part of every dynamic program.
  libraries=$(ldd "$file" 2>/dev/null | grep -c ' => ')
  sample footprint "$1" 0 shared-libraries "$libraries"
}

# memory NAME COMMAND...: run once.
memory() {
  local name=$1
  shift
  /usr/bin/time --format=%M --output="$BENCH_WORK/memory" "$@" >"$BENCH_WORK/output" 2>&1 ||
    { cat "$BENCH_WORK/output"; fail "it fails: $*"; }
  sample footprint "$name" 0 max-rss-kib "$(cat "$BENCH_WORK/memory")"
}

program nswg-systemd-generator "$generator"
program nswg-stage "$stage"
program nswg "$nswg"
program c-generator "$BENCH_BIN/generator"
for each in bash ip wg wg-quick; do program $each "$(command -v $each)"; done
program fstab-generator $fstab_generator
program netplan $netplan

root=$BENCH_WORK/root
"$repository/Benchmarks/configs" 1 "$root"
config=$root/etc/namespaced-wireguard-vpn.d/vpn00000.conf
printf '[Interface]\nPrivateKey = %s\n' "$(sed -n 's/^WIREGUARD_PRIVATE_KEY=//p' "$config")" >"$BENCH_WORK/wg0.conf"
chmod 600 "$BENCH_WORK/wg0.conf"
out=$BENCH_WORK/out
mkdir -p "$out" "$BENCH_WORK/netplan/etc/netplan"
echo 'tmpfs /mnt/one tmpfs size=1m 0 0' >"$BENCH_WORK/fstab"

# Stages as units run them, with a /run, a process 1 and network namespaces of their own: both see the same mounts, as
# the first one asks for, and the namespace is not that of process 1.
# shellcheck disable=SC2016  # for the inner shell
stages='
  mount -t tmpfs tmpfs /run
  mkdir -p /run/netns /run/namespaced-wireguard-vpn.d
  cp "$config" /run/namespaced-wireguard-vpn.d/
  memory stage-netns-up unshare --net "$stage" netns up vpn00000
  memory stage-tunnel-up "$stage" tunnel up vpn00000 --subnet 10.127.83.244/30
  memory stage-tunnel-down "$stage" tunnel down vpn00000
  memory stage-netns-down "$stage" netns down vpn00000
  memory ip ip link add name nswg0 type veth peer name nswg1
'
export -f memory sample fail
export stage config

# fresh COMMAND...: in an empty directory of its own, as a generator is run.
fresh() { find "$out" -mindepth 1 -delete && "$@"; }
for _ in {1..5}; do
  fresh memory nswg-systemd-generator "$generator" "$out" --root "$root"
  fresh memory c-generator "$BENCH_BIN/generator" "$out" --root "$root"
  SYSTEMD_FSTAB=$BENCH_WORK/fstab fresh memory fstab-generator $fstab_generator "$out" "$out" "$out"
  memory netplan $netplan --root-dir "$BENCH_WORK/netplan"
  memory stage-check "$stage" check "$config"
  memory nswg "$nswg" --help
  memory bash bash -c true
  memory wg wg show all
  memory wg-quick wg-quick strip "$BENCH_WORK/wg0.conf"

  unshare --mount --net --pid --fork --mount-proc bash -eu -c "$stages" || exit 1
done
