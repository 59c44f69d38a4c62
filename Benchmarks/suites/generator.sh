#!/bin/bash
# generator: files to units, at 0 to 10,000 instances, beside the C yardstick and other generators.
set -u
# shellcheck source=../lib.sh
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
fstab_generator=/lib/systemd/system-generators/systemd-fstab-generator
netplan=/usr/libexec/netplan/generate
out=$BENCH_WORK/out
# What systemd gives a generator: empty directories.
empty="rm -rf $out && mkdir -p $out/normal $out/early $out/late"

# A mount in an fstab(5) for each instance. A tmpfs becomes one unit and one link; a device with a file system to check
# and a time-out one unit, one link, one directory and one drop-in in it.
fstab() {
  awk -v count="$1" -v kind="$2" 'BEGIN {
    for (i = 0; i < count; i++)
      if (kind == "device") printf "/dev/disk/by-label/e%05d /mnt/e%05d ext4 x-systemd.device-timeout=30s 0 2\n", i, i
      else printf "tmpfs /mnt/e%05d tmpfs size=1m 0 0\n", i
  }' >"$BENCH_WORK/fstab-$2-$1"
}

# A WireGuard tunnel for each instance, with the values of its configuration file.
netplan_tunnels() {
  local root=$BENCH_WORK/netplan-$1
  mkdir -p "$root/etc/netplan"
  [ "$1" -gt 0 ] || return 0
  (umask 077
  cat "$BENCH_WORK/root-$1"/etc/*.d/*.conf | awk '
    BEGIN { print "network:\n  version: 2\n  tunnels:" }
    { value = substr($0, index($0, "=") + 1) }
    /^# instance/ { number = $3 }
    /^WIREGUARD_PRIVATE_KEY/ { key = value }
    /^WIREGUARD_VPN_PUBLIC_KEY/ { peer = value }
    /^WIREGUARD_ENDPOINT/ { endpoint = value }
    /^WIREGUARD_IP_ADDRESSES/ {
      printf "    wg%05d:\n      mode: wireguard\n      key: %s\n      addresses: [%s]\n", number, key, value
      printf "      peers:\n        - keys: {public: %s}\n          endpoint: %s\n", peer, endpoint
      print "          allowed-ips: [0.0.0.0/0, \"::/0\"]"
    }' >"$root/etc/netplan/vpn.yaml")
}

# command_of VARIANT N: what is run.
command_of() {
  case $1 in
    nswg) echo "$generator $out/normal --root $BENCH_WORK/root-$2" ;;
    c) echo "$BENCH_BIN/generator $out/normal --root $BENCH_WORK/root-$2" ;;
    c-no-key-check) echo "$BENCH_BIN/generator $out/normal --root $BENCH_WORK/root-$2 --no-key-check" ;;
    fstab-generator) echo "$fstab_generator $out/normal $out/early $out/late" ;;
    fstab-generator-device) echo "$fstab_generator $out/normal $out/early $out/late" ;;
    netplan) echo "$netplan --root-dir $BENCH_WORK/netplan-$2" ;;
  esac
}

# environment VARIANT N
environment() {
  case $1 in
    fstab-generator) echo "SYSTEMD_FSTAB=$BENCH_WORK/fstab-tmpfs-$2" ;;
    fstab-generator-device) echo "SYSTEMD_FSTAB=$BENCH_WORK/fstab-device-$2" ;;
  esac
}

# prepare VARIANT N: a command of sh(1).
prepare() {
  if [ "$1" = netplan ]; then echo "rm -rf $BENCH_WORK/netplan-$2/run"; else echo "$empty"; fi
}

variants=(nswg c c-no-key-check fstab-generator fstab-generator-device netplan)

# Both wrote the same, names, bytes and where links lead.
same_output() {
  local count=$1 words
  for variant in nswg c; do
    rm -rf "${BENCH_WORK:?}/$variant"
    eval "$empty"
    read -ra words <<<"$(command_of $variant "$count")"
    "${words[@]}" || fail "$variant failed with $count instances"
    mv "$out/normal" "$BENCH_WORK/$variant"
  done
  [ "$count" = 0 ] || [ "$(find "$BENCH_WORK/nswg" -type f -name '*.service' | wc -l)" = $((3 * count)) ] ||
    fail "$count instances are not three services each"
  diff -r --no-dereference "$BENCH_WORK/nswg" "$BENCH_WORK/c" >"$BENCH_WORK/difference" ||
    { head -n 20 "$BENCH_WORK/difference"; fail "the yardstick writes something else at $count instances"; }
}

# time_all N ROUNDS
time_all() {
  for variant in "${variants[@]}"; do
    local words
    words="$(environment "$variant" "$1") $(command_of "$variant" "$1")"
    printf '%s\t%s\t%s\t%s\n' "$variant" "$1" "$(prepare "$variant" "$1")" "${words# }"
  done | measure generator "$2"
}

count_all() {
  for variant in "${variants[@]}"; do
    local variable words
    variable=$(environment "$variant" "$1")
    read -ra words <<<"$(command_of "$variant" "$1")"
    for counter in instructions system_calls; do
      eval "$(prepare "$variant" "$1")"
      value=$([ -z "$variable" ] || export "${variable?}"; $counter "${words[@]}") || exit 1
      sample generator "$variant" "$1" ${counter//_/-} "$value"
    done
  done
}

for count in 0 1 10 100 1000 10000; do
  "$repository/Benchmarks/configs" $count "$BENCH_WORK/root-$count"
  fstab $count tmpfs
  fstab $count device
  netplan_tunnels $count
done
for count in 0 1 100 1000; do same_output $count; done

# The peers did what they are timed for: N mounts, N tunnels.
peers_output() {
  local kind words
  for kind in fstab-generator fstab-generator-device netplan; do
    eval "$(prepare $kind "$1")"
    read -ra words <<<"$(environment $kind "$1") $(command_of $kind "$1")"
    env "${words[@]}" || fail "$kind failed with $1 entries"
    case $kind in
      netplan) set -- "$1" "$(find "$BENCH_WORK/netplan-$1/run/systemd/network" -name '*.netdev' | wc -l)" ;;
      *) set -- "$1" "$(find "$out/normal" -type f -name 'mnt-*.mount' | wc -l)" ;;
    esac
    [ "$2" = "$1" ] || fail "$kind wrote $2 units for $1 entries"
  done
}
peers_output 100
rounds=([0]=200 [1]=200 [10]=60 [100]=30 [1000]=11 [10000]=3)
for count in "${!rounds[@]}"; do
  began=$SECONDS
  time_all "$count" "${rounds[count]}" || exit 1
  echo "$count instances: ${rounds[count]} rounds, $((SECONDS - began)) s"
done
for count in 0 1 100 1000; do count_all $count; done
