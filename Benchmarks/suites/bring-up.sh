#!/bin/bash
# bring-up: netns, wg and tunnel, whole processes; in a virtual machine, which has WireGuard in its kernel, and without
# WireGuard on this machine itself.
set -u
# shellcheck source=../lib.sh
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
tree=$BENCH_WORK/tree
bench_tree "$tree"

# Namespaces and mounts of its own, so that nothing here is touched; the first process is PID 1, as the stage wants.
echo "bring-up without WireGuard"
native=$BENCH_WORK/native.sh
cat >"$native" <<'SCRIPT'
mount -t tmpfs tmpfs /run && mkdir /run/upper /run/work &&
  mount -t overlay -o lowerdir=/etc,upperdir=/run/upper,workdir=/run/work overlay /etc &&
  exec bash "$1/bring-up.sh" bring-up-native 30 netns,tunnel
SCRIPT
bench=$tree/usr/lib/nswg-bench stage=$stage timeout 300 \
  unshare --pid --fork --kill-child --mount --mount-proc --net bash -c 'bash "$@"; exit' - "$native" \
  "$tree/usr/lib/nswg-bench" >"$BENCH_WORK/native.log" 2>&1
status=$?
sed -n 's/^sample\t//p' "$BENCH_WORK/native.log" >>"$BENCH_OUT"
grep -v $'^sample\t' "$BENCH_WORK/native.log"
[ $status = 0 ] || fail "bring-up without WireGuard: exit status $status"

echo "bring-up with WireGuard"
cat >"$BENCH_WORK/vm.sh" <<'SCRIPT'
#!/bin/bash
exec /usr/lib/nswg-bench/bring-up.sh bring-up 120 netns,wg,tunnel
SCRIPT
guest vm 400 "$BENCH_WORK/vm.sh" -T "$tree"
