# check.sh: counted checks for a test case. Source it first; call `finish` last.
# shellcheck shell=bash

checks_passed=0 checks_failed=0 checks_skipped=0 checks_finished=0

# check WHAT COMMAND...: COMMAND must succeed; its output is shown only when it does not.
check() {
  local what=$1 output status
  shift
  output=$("$@" 2>&1)
  status=$?
  if [ "$status" = 0 ]; then
    checks_passed=$((checks_passed + 1))
    echo "ok - $what"
  else
    checks_failed=$((checks_failed + 1))
    echo "FAIL - $what"
    local command=$*
    echo "       exit status $status of: ${command:0:500}"
    [ -z "$output" ] || head -n 40 <<<"$output" | sed 's/^/       /'
  fi
}

# skip CAPABILITY WHY: this machine cannot show what the case would show. Where everything must be there
# (NSWG_NO_SKIP=1), that is the end of the case.
skip() {
  checks_skipped=$((checks_skipped + 1))
  echo "SKIP - $1: $2"
  if [ "${NSWG_NO_SKIP:-0}" = 1 ]; then
    checks_failed=$((checks_failed + 1))
    echo "FAIL - nothing may be skipped here"
    finish
  fi
}

# finish: print the counts and end the case.
finish() {
  checks_finished=1
  if [ $((checks_passed + checks_failed + checks_skipped)) = 0 ]; then
    echo "FAIL - the case checked nothing"
    checks_failed=1
  fi
  echo "$checks_passed passed, $checks_failed failed, $checks_skipped skipped"
  [ "$checks_failed" = 0 ]
  exit
}

# A case that ends before its end must not look like one that passed.
trap '[ "$checks_finished" = 1 ] || { echo "FAIL - the case ended before it called finish"; exit 1; }' EXIT

# not COMMAND...: succeeds when COMMAND fails.
not() { ! "$@"; }

# same EXPECTED ACTUAL: the two texts are equal.
same() { diff --label expected --label actual -u <(printf '%s\n' "$1") <(printf '%s\n' "$2"); }

# has TEXT PART: TEXT contains PART.
has() {
  [[ $1 == *"$2"* ]] || { printf 'no "%s" in:\n%s\n' "$2" "$1"; return 1; }
}

# within SECONDS COMMAND...: COMMAND succeeds in the end. For what other processes do in their own time:
# wireguard-go, for one, looks only once a second whether its interface is up.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { "$@"; return; }
    sleep 0.2
  done
}
