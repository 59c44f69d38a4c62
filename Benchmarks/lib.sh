# lib.sh: what the suites share; sourced by them. Set by Benchmarks/run:
#   BENCH_WORK   scratch directory on a tmpfs, the suite's own
#   BENCH_OUT    file for samples
#   BENCH_BIN    nswg-bench and the C yardsticks
#   BENCH_TREE   what `make install` installs, as DESTDIR
# shellcheck shell=bash
# shellcheck disable=SC2034  # for the suites
repository=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
testbed=$repository/Tests/System/testbed
cache=${NSWG_CACHE:-/var/cache/namespaced-wireguard-vpn}
generator=$BENCH_TREE/usr/lib/systemd/system-generators/nswg-systemd-generator
stage=$BENCH_TREE/usr/lib/namespaced-wireguard-vpn/nswg-stage

fail() { echo "bench: $*" >&2; exit 1; }

# sample TABLE VARIANT N METRIC VALUE
sample() { local IFS=$'\t'; echo "$*" >>"$BENCH_OUT"; }

# measure TABLE ROUNDS <LINES: VARIANT<TAB>N<TAB>PREPARE<TAB>COMMAND
measure() { "$BENCH_BIN/nswg-bench" measure -t "$1" -r "$2" -o "$BENCH_OUT" || exit 1; }

# instructions COMMAND...: how many it executes in user mode, the dynamic loader included.
instructions() {
  local log=$BENCH_WORK/callgrind.log count
  valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$log" "$@" >/dev/null 2>&1 ||
    fail "under valgrind it fails: $*"
  # A process that it forked has a line, too, and counts on from there; so the most is that of the first.
  count=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$log" | sort -n | tail -n 1)
  [ -n "$count" ] || fail "valgrind counted nothing: $*"
  echo "$count"
}

# system_calls COMMAND...: how many it makes, its exec and exit included.
system_calls() {
  local log=$BENCH_WORK/strace.log
  strace -f -c -U calls -o "$log" "$@" >/dev/null 2>&1 || fail "under strace it fails: $*"
  awk '$NF == "total" { print $1 }' "$log"
}

# guest KIND LIMIT SCRIPT [OPTION...]: run SCRIPT in a container or vm, with the product and the tests' trees laid as
# Tests/System/run does. Lines `sample<TAB>...` that it prints become samples, `# ...` is shown, and the rest when it
# fails. Options are those of run-container and run-vm.
guest() {
  local kind=$1 limit=$2 script=$3 suite=bookworm base
  shift 3
  base=$cache/rootfs-$suite
  "$testbed/make-rootfs" $suite "$base" || fail "cannot make the root file system"
  local run=("$testbed/run-container" -r "$base")
  if [ "$kind" = vm ]; then
    "$testbed/make-vm-kit" $suite "$base" "$cache/kit-$suite" || fail "cannot make the virtual machine kit"
    run=("$testbed/run-vm" -r "$cache/kit-$suite")
  fi
  if [ ! -d "$BENCH_WORK/guest-tests" ]; then
    "$testbed/make-test-tree" "$BENCH_WORK/guest-tests" || fail "cannot lay out the tests"
    "$testbed/make-library-tree" "$stage" "$base" "$BENCH_WORK/guest-libraries" || fail "cannot lay out the libraries"
  fi
  "${run[@]}" -t "$limit" -T "$BENCH_TREE" -T "$BENCH_WORK/guest-tests" -T "$BENCH_WORK/guest-libraries" "$@" \
    "$script" >"$BENCH_WORK/guest.log" 2>&1
  local status=$?
  sed -n 's/^sample\t//p' "$BENCH_WORK/guest.log" >>"$BENCH_OUT"
  [ $status != 0 ] || { grep '^# ' "$BENCH_WORK/guest.log"; return 0; }
  grep -v $'^sample\t' "$BENCH_WORK/guest.log"
  fail "$(basename "$script") in the $kind: exit status $status"
}

# bench_tree DIR: lay out for a guest what the scripts in guest/ use, below /usr/lib/nswg-bench.
bench_tree() {
  local dir=$1/usr/lib/nswg-bench
  mkdir -p "$dir"
  install -m 755 "$repository"/Benchmarks/peers/* "$repository"/Benchmarks/guest/*.sh \
    "$BENCH_BIN"/{nswg-bench,stages,run-stages} "$dir/" || fail "cannot lay out the benchmarks"
}
