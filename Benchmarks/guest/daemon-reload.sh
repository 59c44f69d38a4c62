#!/bin/bash
# daemon-reload: how long it takes and what PID 1 uses for it, with COUNT instances of each kind, ROUNDS times.
set -u
COUNT=${COUNT:-1000} ROUNDS=${ROUNDS:-3}
tools=/usr/lib/nswg-bench
configs=/etc/namespaced-wireguard-vpn.d
units=/etc/systemd/system
fail() { echo "daemon-reload: $*"; exit 1; }

mkdir -p /run/sets/{ours,original} $configs
$tools/configs "$COUNT" /run/sets/ours
$tools/original-copies "$COUNT" /run/sets/original
# The wants of the original's are of this directory, and what is in it is moved there and back.
mkdir -p $units/multi-user.target.wants

# enable N: as `systemctl enable` does, which is slow for a thousand.
enable() {
  seq -f 'namespaced-wireguard-vpn@vpn%05.0f.target' 0 $(($1 - 1)) | while read -r name; do
    ln -s /usr/lib/systemd/system/namespaced-wireguard-vpn@.target "$units/multi-user.target.wants/$name"
  done
}

# set_up VARIANT: files in place, and loaded once.
set_up() {
  find $configs $units -name '*vpn*@*' -not -type d -delete -o -name 'vpn*.conf' -delete
  case $1 in
    empty) ;;
    original-enabled) cp -a /run/sets/original/. $units/ ;;
    *) cp -a /run/sets/ours$configs/. $configs/ ;;
  esac
  case $1 in
    one-enabled) enable 1 ;;
    enabled) enable "$COUNT" ;;
  esac
  systemctl daemon-reload || fail "it fails with $1"
}

loaded() { systemctl list-units --all --plain --no-legend 'namespaced-wireguard-vpn*' | wc -l; }
# Nanoseconds that PID 1 itself was running; proc(5) does not name it, the kernel's sched-stats.rst does.
running() { cut -d ' ' -f 1 /proc/1/schedstat; }

# emit VARIANT N METRIC VALUE
emit() { printf 'sample\tdaemon-reload\t%s\t%s\t%s\t%s\n' "$@"; }

variants=(disabled one-enabled enabled original-enabled)

# measure VARIANT
measure() {
  local used began ended units_loaded
  set_up "$1"
  used=$(running)
  began=${EPOCHREALTIME/./}
  systemctl daemon-reload || fail "it fails with $1"
  ended=${EPOCHREALTIME/./}
  used=$((($(running) - used) / 1000))
  units_loaded=$(loaded)
  case $1 in
    *enabled) [ "$1" = one-enabled ] || [ "$units_loaded" -ge $((4 * COUNT)) ] ;;
    disabled) [ "$units_loaded" -lt 10 ] ;;
  esac || fail "$units_loaded units are loaded with $1"
  local names=("$1") instances=$COUNT name
  # One measurement of none is that of all.
  [ "$1" != empty ] || names=("${variants[@]}") instances=0
  for name in "${names[@]}"; do
    emit "$name" "$instances" wall-us $((ended - began))
    emit "$name" "$instances" manager-cpu-us "$used"
    emit "$name" "$instances" loaded-units "$units_loaded"
  done
}

all=(empty "${variants[@]}")
for ((round = 0; round < ROUNDS; round++)); do
  for ((index = 0; index < ${#all[@]}; index++)); do
    measure "${all[(index + round) % ${#all[@]}]}"
  done
done
