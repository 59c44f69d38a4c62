#!/bin/bash
# start-stop: systemd starts and stops 1, 10 and 100 VPNs at once; with the kernel's WireGuard in a virtual machine, and
# with wireguard-go in a container. NSWG_BENCH_GUESTS: one of the two only.
set -u
# shellcheck source=../lib.sh
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
tree=$BENCH_WORK/tree
bench_tree "$tree"
for kind in ${NSWG_BENCH_GUESTS:-container vm}; do
  rounds=(1:5 10:2 100:1)
  [ "$kind" = container ] || rounds=(1:4 10:2 100:1)
  printf '#!/bin/bash\nexec /usr/lib/nswg-bench/start-stop.sh start-stop%s %s\n' \
    "$([ "$kind" = vm ] || echo -userspace)" "${rounds[*]}" >"$BENCH_WORK/$kind.sh"
  echo "start-stop in the $kind"
  guest "$kind" 1200 "$BENCH_WORK/$kind.sh" -T "$tree"
done
