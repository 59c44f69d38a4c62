#!/bin/bash
# handshake: from `systemctl start` to the first answered packet, to a peer behind a link with a known delay, in a
# virtual machine.
set -u
# shellcheck source=../lib.sh
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
tree=$BENCH_WORK/tree
bench_tree "$tree"
printf '#!/bin/bash\nexec /usr/lib/nswg-bench/handshake.sh 8 25\n' >"$BENCH_WORK/run.sh"
guest vm 400 "$BENCH_WORK/run.sh" -T "$tree"
