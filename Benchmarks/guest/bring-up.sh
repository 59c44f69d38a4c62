#!/bin/bash
# bring-up.sh TABLE SECONDS STAGE[,STAGE]...
# Whole processes that bring one VPN up and down, every way; first each is looked at whether it does. Then rounds, until
# the time is over.
set -u
table=$1 seconds=$2 stages=$3
bench=${bench:-/usr/lib/nswg-bench}
stage=${stage:-/usr/lib/namespaced-wireguard-vpn/nswg-stage}
# shellcheck source=instance.sh
. "$bench/instance.sh"
fail() { echo "bring-up: $*" >&2; exit 1; }

ip link set lo up
write_instance work 1
variants=(nswg c original wg-quick batch)

# command_of VARIANT up|down
command_of() {
  case $1 in
    nswg) echo "$bench/run-stages $2 $stages work $stage" ;;
    c) echo "$bench/run-stages $2 $stages work $bench/stages" ;;
    original) echo "$bench/run-stages $2 $stages work $bench/original" ;;
    *) echo "$bench/$1 $stages $2 work" ;;
  esac
}

echo "# every way leads there, and back"
# does VARIANT up|down
does() {
  local command
  read -ra command < <(command_of "$1" "$2")
  "${command[@]}" >"$files/log" 2>&1 || { cat "$files/log"; fail "$1 $2 fails"; }
}
for variant in "${variants[@]}"; do
  does "$variant" up
  is_up work || fail "$variant does not bring it up"
  # The kernel tells a veth pair's ends of each other's carrier in its own time.
  for _ in {1..50}; do
    ip -n work link show up type veth | grep -q NO-CARRIER || break
    sleep 0.1
  done
  observe work >"$files/observed-$variant"
  does "$variant" down
  "$bench/clear" work || fail "cannot clear"
  [ ! -e /run/netns/work ] || fail "$variant does not take it down"
done
diff "$files"/observed-{nswg,c} >"$files/log" || { cat "$files/log"; fail "the C yardstick leaves another state than the stages"; }

for variant in "${variants[@]}"; do
  printf '%s\t1\t%s\t%s\n' "$variant-up" "$bench/clear work" "$(command_of "$variant" up)"
  printf '%s\t1\t%s\t%s\n' "$variant-down" "$bench/clear work && $(command_of "$variant" up)" "$(command_of "$variant" down)"
done >"$files/lines"
# What each stage takes alone.
for one in ${stages//,/ }; do
  before=${stages%%"$one"*}
  before=${before%,}
  for variant in nswg c; do
    prepare="$bench/clear work"
    program=$stage
    [ "$variant" = nswg ] || program=$bench/stages
    [ -z "$before" ] || prepare+=" && $bench/run-stages up $before work $program"
    printf '%s\t1\t%s\t%s\n' "$variant-$one-up" "$prepare" "$bench/run-stages up $one work $program"
  done
done >>"$files/lines"
for ((round = 1; round == 1 || SECONDS < seconds; round++)); do
  # Each round begins with another line.
  awk -v first=$round '{ line[NR] = $0 } END { for (i = 0; i < NR; i++) print line[(i + first) % NR + 1] }' "$files/lines" |
    "$bench/nswg-bench" measure -t "$table" -r 1 -o "$files/samples" || fail "cannot measure"
  sed 's/^/sample\t/' "$files/samples"
  rm "$files/samples"
done
echo "# $((round - 1)) rounds"
"$bench/clear" work

echo "# system calls"
# count VARIANT COMMAND...
count() {
  strace -f -c -U calls -o "$files/calls" "${@:2}" >/dev/null 2>&1 || fail "under strace it fails: ${*:2}"
  printf 'sample\t%s\t%s\t1\tsystem-calls\t%s\n' "$table" "$1" "$(awk '$NF == "total" { print $1 }' "$files/calls")"
}
for variant in "${variants[@]}"; do
  for direction in up down; do
    read -ra command < <(command_of "$variant" $direction)
    count "$variant-$direction" "${command[@]}"
  done
  "$bench/clear" work
done
for program in nswg:"$stage" c:"$bench/stages"; do
  for one in ${stages//,/ }; do
    count "${program%%:*}-$one-up" "$bench/run-stages" up "$one" work "${program#*:}"
  done
  "$bench/clear" work
done
