#!/bin/bash
# scale: 500 instances at once in the container; 5,000 peers with 50,000 networks in one instance in the virtual
# machine, whose kernel has WireGuard. NSWG_BENCH_INSTANCES, NSWG_BENCH_PEERS: others than that. NSWG_BENCH_GUESTS: in one
# of the two only.
set -u
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
guests=$(dirname "$(dirname "$(readlink -f "$0")")")/guest
instances=${NSWG_BENCH_INSTANCES:-500} peers=${NSWG_BENCH_PEERS:-5000}

# Each wireguard-go is a user of inotify; the limit is of the whole machine, containers included.
inotify=/proc/sys/fs/inotify/max_user_instances
before=$(<$inotify)
trap 'echo "$before" >$inotify' EXIT
trap 'exit 143' INT TERM HUP
[ "$before" -gt $((instances + 100)) ] || echo $((instances + 100)) >$inotify || fail "cannot raise $inotify"

for kind in ${NSWG_BENCH_GUESTS:-container vm}; do
  case $kind in
    container) guest container 1200 "$guests/scale-instances.sh" -e INSTANCES="$instances" || exit 1 ;;
    vm) guest vm 1200 "$guests/scale-peers.sh" -e PEERS="$peers" || exit 1 ;;
  esac
done
