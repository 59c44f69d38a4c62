#!/bin/bash
# throughput: TCP through WireGuard in a VPN's namespace against the same without, in a virtual machine.
set -u
# shellcheck source=../lib.sh
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
base=$cache/rootfs-bookworm
"$testbed/make-rootfs" bookworm "$base" || fail "cannot make the root file system"
iperf=$BENCH_WORK/iperf
install -D -m 755 /usr/bin/iperf3 "$iperf/usr/bin/iperf3" || fail "no iperf3"
# It is linked with its own library, and that with others.
library=$(ldd /usr/bin/iperf3 | awk '$1 ~ /^libiperf/ { print $3 }')
for program in /usr/bin/iperf3 "$library"; do
  "$testbed/make-library-tree" "$program" "$base" "$iperf" || fail "cannot lay out the libraries of iperf3"
done
tree=$BENCH_WORK/tree
bench_tree "$tree"
printf '#!/bin/bash\nexec /usr/lib/nswg-bench/throughput.sh 10 4\n' >"$BENCH_WORK/run.sh"
guest vm 400 "$BENCH_WORK/run.sh" -T "$iperf" -T "$tree"
