#!/bin/bash
# manager: what PID 1 pays to load 1,000 instances, as `systemd --test` and in a real daemon-reload.
set -u
# shellcheck source=../lib.sh
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
count=1000

# want DIRECTORY N: multi-user.target wants the first N instances.
want() {
  mkdir -p "$1/multi-user.target.wants"
  for ((index = 0; index < $2; index++)); do
    printf -v name 'namespaced-wireguard-vpn@vpn%05d.target' "$index"
    ln -s "$BENCH_TREE/usr/lib/systemd/system/namespaced-wireguard-vpn@.target" \
      "$1/multi-user.target.wants/$name" || fail "no link for $name"
  done
}

"$repository/Benchmarks/configs" $count "$BENCH_WORK/root"
for variant in disabled one-enabled enabled; do
  mkdir "$BENCH_WORK/$variant"
  "$generator" "$BENCH_WORK/$variant" --root "$BENCH_WORK/root" || fail "the generator failed"
done
want "$BENCH_WORK/one-enabled" 1
want "$BENCH_WORK/enabled" $count
"$repository/Benchmarks/peers/original-copies" $count "$BENCH_WORK/original-enabled"
mkdir "$BENCH_WORK/empty"
# systemd does not test as root, so somebody else must be able to read the units.
chmod 711 "$BENCH_WORK" "$(dirname "$BENCH_WORK")"

# command_of DIRECTORY: the units in it, ours and systemd's; no generator, none of this machine's own units.
command_of() {
  echo "HOME=/ SYSTEMD_UNIT_PATH=$1:$BENCH_TREE/usr/lib/systemd/system:/lib/systemd/system" \
    "SYSTEMD_GENERATOR_PATH=$BENCH_WORK/empty SYSTEMD_LOG_LEVEL=warning" \
    "setpriv --reuid=65534 --regid=65534 --clear-groups" \
    "/lib/systemd/systemd --test --system --unit=multi-user.target"
}

# loaded DIRECTORY: how many of our units it lists.
loaded() {
  local words
  read -ra words <<<"$(command_of "$1")"
  env "${words[@]}" 2>"$BENCH_WORK/errors" | grep -acE '^\s*-> Unit namespaced-wireguard-vpn.*:$'
}

for variant in disabled one-enabled enabled original-enabled; do
  units=$(loaded "$BENCH_WORK/$variant")
  case $variant in
    disabled) [ "$units" = 0 ] ;;
    one-enabled) [ "$units" -ge 4 ] ;;
    *) [ "$units" -ge $((4 * count)) ] ;;
  esac || { tail "$BENCH_WORK/errors"; fail "systemd --test loads $units units: $variant"; }
  sample manager $variant $count loaded-units "$units"
  echo "$variant: $units units"
done

for variant in disabled one-enabled enabled original-enabled; do
  printf '%s\t0\t\t%s\n' $variant "$(command_of "$BENCH_WORK/empty")"
  printf '%s\t%s\t\t%s\n' $variant $count "$(command_of "$BENCH_WORK/$variant")"
done | measure manager 3 || exit 1

mkdir -p "$BENCH_WORK/tree/usr/lib/nswg-bench"
install -m 755 "$repository/Benchmarks/configs" "$repository/Benchmarks/peers/original-copies" \
  "$BENCH_WORK/tree/usr/lib/nswg-bench/"
guest container 900 "$repository/Benchmarks/guest/daemon-reload.sh" -T "$BENCH_WORK/tree" -e COUNT=$count -e ROUNDS=3
