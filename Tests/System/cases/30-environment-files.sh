#!/bin/bash
# runs-on: container
# also-on: trixie
# limit: 600
# The environment-file grammar against systemd itself: the same files through EnvironmentFile= and through our
# parser, every value compared. NSWG_CORPUS files (400 by default, `make corpus` runs 21,000), NSWG_SEED seeds
# the random ones.
set -u
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

tool=/usr/lib/nswg-test/environment-corpus
corpus=/run/corpus
count=${NSWG_CORPUS:-400} seed=${NSWG_SEED:-1}

if [ ! -x "$tool" ]; then
  skip "environment-corpus" "not built; make test-tools"
  finish
fi

check "a corpus of $count files, seed $seed" "$tool" generate "$corpus" "$count" "$seed"

# systemd reads EnvironmentFile= again before every ExecStart=, so one unit goes through thousands of files.
# The '-' lets it go on after a file that it refuses as a whole.
run_corpus() {
  local left=$count number=0 lines
  while [ "$left" -gt 0 ]; do
    lines=$((left < 1000 ? left : 1000))
    {
      printf '[Service]\nType=oneshot\nEnvironmentFile=-%s/current\n' "$corpus"
      yes "ExecStart=$tool step $corpus" | head -n "$lines"
    } >"/run/systemd/system/corpus-$number.service"
    systemctl daemon-reload
    systemctl start "corpus-$number.service" || return 1
    left=$((left - lines)) number=$((number + 1))
  done
}
check "systemd reads them all" run_corpus
version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
check "every value is the same" "$tool" compare "$corpus" "$version"
"$tool" compare "$corpus" "$version"

# The comparison can fail: one value of systemd's is changed.
changed=$(grep -lz '^A=x$' "$corpus"/*.out | head -n 1)
sed -i -z 's/^A=x$/A=not x/' "$changed"
check "a value that differs is found" not "$tool" compare "$corpus" "$version"
finish
