#!/bin/bash
# runs-on: container
# limit: 120
# Whose is it: a stage that died had recorded what it was about to make, and somebody else has made it since. And stages of
# one instance that run at once. (Foreign things that are there before a stage begins: 20-regressions; those that take the
# place of ours while it is up: 22-idempotence.)
set -u
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1
provider_default 1
provider_config 1 work
provider_config 1 other WIREGUARD_IP_ADDRESSES=10.64.1.3/32
trace=/run/nswg-test/trace state=/run/namespaced-wireguard-vpn/work
# A process keeps the namespace of the netns stage: when one ends, the next has its inode.
unshare --net sleep 900 &
keeper=$!
within 5 eval "[ \$(namespace_at /proc/$keeper/ns/net) != \$(namespace_at /proc/self/ns/net) ]"
# run_stage NAME up|down [TRACER...]
run_stage() {
  local where=()
  [ "$1" != netns ] || where=(nsenter --net="/proc/$keeper/ns/net")
  "${where[@]}" "${@:3}" /usr/lib/namespaced-wireguard-vpn/nswg-stage "$1" "$2" work
}
# killed_at STAGE CALL PATTERN: `up` is killed at its first CALL that strace shows with PATTERN, counted in a run before.
killed_at() {
  local time
  # The first time of all takes other calls.
  run_stage "$1" up && run_stage "$1" down || return
  run_stage "$1" up strace -qq -s 4096 -o $trace -e "trace=$2" && run_stage "$1" down || return
  time=$(grep -nE -m 1 -- "$3" $trace | cut -d : -f 1)
  [ -n "$time" ] || { cat $trace; return 1; }
  run_stage "$1" up strace -qq -o $trace -e "inject=$2:signal=KILL:when=$time"
  same 137 $?
}
# foreign STAGE CALL PATTERN RECORD MAKE IDENTITY REMOVE: the stage is killed when it has recorded RECORD and not made it.
foreign() {
  local stage=$1 record=$4 theirs
  echo "# $record"
  check "$stage up is killed" killed_at "$stage" "$2" "$3"
  check "it is recorded" grep -x "$record" "$state/$stage"
  check "and not made: somebody else makes it" eval "$5"
  theirs=$(eval "$6")
  check "this test sees it" test -n "$theirs"
  check "down succeeds" run_stage "$stage" down
  check "what is theirs is untouched" same "$theirs" "$(eval "$6")"
  check "up is refused" not run_stage "$stage" up
  check "theirs is untouched" same "$theirs" "$(eval "$6")"
  eval "$7"
  check "without theirs it comes up" run_stage "$stage" up
}
identity='ip -details -oneline link show'
foreign netns openat '"/run/netns/work".*O_CREAT' 'namespace /run/netns/work .*' 'ip netns add work' \
  'namespace_at /run/netns/work' 'ip netns delete work'
foreign wg sendto 'IFLA_NET_NS_FD' 'link inside wg-work -' 'ip -n work link add wg-work type veth peer name theirs' \
  "${identity/ip/ip -n work} wg-work" 'ip -n work link delete wg-work'
check "there is one wireguard-go" same 1 "$(pgrep -cf '^wireguard-go -f nswg-')"
check "wg down" run_stage wg down

echo "# a process, recorded or not"
no_process() { not pgrep -f '^wireguard-go -f nswg-|nswg-stage wg up'; }
for time in 1 2 3; do
  run_stage wg up strace -qq -o $trace -e "inject=rename:signal=KILL:when=$time"
  check "killed at record $time" same 137 $?
  check "down succeeds" run_stage wg down
  check "no process is left" within 5 no_process
  check "nor an interface" same "" "$(ip -oneline link show | grep nswg-)"
  pkill -f '^wireguard-go -f nswg-'
done
foreign tunnel sendto '"veth"' 'link host veth-work0 -' 'ip link add veth-work0 type veth peer name theirs' \
  "$identity veth-work0" 'ip link delete veth-work0'

echo "# one at a time"
check "the lock is free" flock --nonblock "$state" true
flock --close "$state" sleep 600 &
holder=$!
check "somebody has it" within 5 not flock --nonblock "$state" true
run_stage tunnel down >$trace 2>&1 &
waiting=$!
check "a stage waits for it" within 5 grep -q -- '-> FLOCK' /proc/locks
check "and does nothing" ip link show veth-work0
check "that of another instance does not wait" timeout 10 unshare --net /usr/lib/namespaced-wireguard-vpn/nswg-stage netns up other
check "nor down" timeout 10 /usr/lib/namespaced-wireguard-vpn/nswg-stage netns down other
check "it still waits" kill -0 "$waiting"
kill "$holder"
wait "$waiting"
check "it goes on, and ends well" same 0 $?
check "and has done its work" not ip link show veth-work0
run_stage tunnel up strace -qq -o $trace -e inject=rename:delay_enter=3000000:when=1 &
slow=$!
check "a stage at work has the lock" within 5 not flock --nonblock "$state" true
wait "$slow"
check "it ends well" same 0 $?
check "then the lock is free" flock --nonblock "$state" true
busy=()
for _ in {1..5}; do
  for verb in up down up; do
    run_stage wg $verb >/dev/null 2>&1 &
    busy+=($!)
  done
done
# all_well PID...: each ended well.
all_well() {
  local one
  for one; do wait "$one" || return; done
}
all_well "${busy[@]}"
check "fifteen at once all end well" same 0 $?
check "up" run_stage wg up
check "there is one wireguard-go" same 1 "$(pgrep -cf '^wireguard-go -f nswg-')"
for stage in tunnel wg netns; do check "$stage down" run_stage "$stage" down; done
check "there is none" same 0 "$(pgrep -cf '^wireguard-go -f nswg-')"
check "nor any state" not test -e "$state"

echo "# a directory that two instances need"
both() { run_stage netns "$1" && unshare --net /usr/lib/namespaced-wireguard-vpn/nswg-stage netns "$1" other; }
check "there is none" not test -e /etc/netns
check "both come up" both up
check "then there is" test -d /etc/netns/work -a -d /etc/netns/other
check "both go down, and who made it first" both down
check "it goes with the other" not test -e /etc/netns
mkdir /etc/netns
check "both come up" both up
check "and go down" both down
check "what was there before stays" rmdir /etc/netns
kill "$keeper"
finish
