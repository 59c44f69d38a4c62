#!/bin/bash
# handshake: from `systemctl start` to the first answered packet, to a peer behind a link with a known delay; with the
# kernel's WireGuard in a virtual machine, and with wireguard-go in a container, at the machine's own speed, but without
# the delay, for not every machine's kernel has one to give.
# NSWG_BENCH_GUESTS: one of the two only.
set -u
# shellcheck source=../lib.sh
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
tree=$BENCH_WORK/tree
bench_tree "$tree"
for kind in ${NSWG_BENCH_GUESTS:-container vm}; do
  arguments='handshake-userspace 20 0'
  [ "$kind" = container ] || arguments='handshake 8 25'
  printf '#!/bin/bash\nexec /usr/lib/nswg-bench/handshake.sh %s\n' "$arguments" >"$BENCH_WORK/$kind.sh"
  guest "$kind" 400 "$BENCH_WORK/$kind.sh" -T "$tree"
done
