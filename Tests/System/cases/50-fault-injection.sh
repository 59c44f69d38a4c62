#!/bin/bash
# runs-on: container vm
# limit: 5400
# Faults at the system calls of the stages: one after the other each call fails, or the stage is killed at it. Whatever
# the stage makes of it, `down` leaves the machine as it was, and `up` succeeds. NSWG_FAULTS=all takes every call, but of
# the dull ones, see lib/fault.sh, one in ten: some twenty minutes; NSWG_FAULTS=each these, too; NSWG_FAULTS=N every Nth
# call. NSWG_SEED seeds with which it begins. With kernel WireGuard only the stage wg does anything else than in a
# container, where wireguard-go has no netlink: there, in a slow virtual machine, it is the only one.
# shellcheck disable=SC2016,SC2034,SC2154
set -u
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

kind=$(wireguard_kind)
stages=(netns wg tunnel) usual=12
[ "$kind" != kernel ] || { stages=(wg); usual=40; }
fault_every=${NSWG_FAULTS:-$usual} fault_thin=10
case $fault_every in
  all) fault_every=1 ;;
  each) fault_every=1 fault_thin=1 ;;
esac
seed=${NSWG_SEED:-$RANDOM}
fault_offset=$((seed % fault_every))
echo "# every $fault_every. call of ${stages[*]}, seed $seed; WireGuard: $kind"

ip link set lo up
check "provider 1 starts" provider_start 1
provider_default 1
ip link add lan0 type veth peer name lan1
ip link set lan0 addrgenmode none up
# One with all that there is, and one with little.
provider_config 1 work "TUNNEL_PORT_FORWARDS=lan0:80/tcp lan0:8080:80/tcp" PUBLISH=127.0.0.1:9091:80 \
  WIREGUARD_DNS=10.64.1.1,example.org
provider_config 1 plain WIREGUARD_IP_ADDRESSES=10.64.1.3/32
# Once up and down, so that what the kernel makes for good is there already.
all_up() {
  local fault_instance=$1 fault_stage
  for fault_stage in netns wg tunnel; do fault_run up || return; done
}
all_down() {
  local fault_instance=$1 fault_stage
  for fault_stage in tunnel wg netns; do fault_run down || return; done
}
for instance in work plain; do
  check "'$instance' comes up without faults" all_up "$instance"
  check "and goes down" all_down "$instance"
done
before=$(snapshot)
start=$before

echo "# what is not survived is seen"
# verdict EXPECTED VERB INSERTED: of a round with a stage that runs the shell's INSERTED first; none if it is empty.
verdict() {
  local before said
  before=$(snapshot)
  printf '#!/bin/sh\n%s\nexec /usr/lib/namespaced-wireguard-vpn/nswg-stage "$@"\n' "$3" >/run/nswg-test/broken
  chmod 755 /run/nswg-test/broken
  said=$(fault_program=/run/nswg-test/broken "fault_in_$2" inject=pause:error=EIO "${@:4}" 2>&1)
  fault_run down
  ip link delete left 2>/dev/null
  rm -f /run/namespaced-wireguard-vpn/left
  if [ -n "$1" ]; then has "$said" "$1"; else same "" "$said"; fi
}
leave='ip link add left type veth peer name right;'
fault_stage=netns fault_instance=work
check "a stage without fault survives" verdict "" up "" down
check "a down that does nothing does not" verdict "left after down" up '[ $2 = up ] || exit 0' down
if [ "$kind" != kernel ]; then                  # the rest of these, too, is the same there
  check "nor an up that fails and leaves a file" verdict "left by up, which failed" up \
    '[ $2 = down ] || { echo nswg-stage: no; touch /run/namespaced-wireguard-vpn/left; exit 1; }' down
  check "nor one that succeeds only once" verdict "up after down" up '[ $2 = down ] || { [ ! -e /run/once ] && touch /run/once || exit 1; }' down
  check "nor a down that fails" verdict "down: no way" up '[ $2 = up ] || { echo no way; exit 1; }' down
  check "nor a down that leaves a link" verdict "left by down, which succeeded" down "[ \$2 = up ] || { $leave }"
  check "nor one whose second fails" verdict "the next down" down '[ $2 = up ] || { [ ! -e /run/twice ] && touch /run/twice || exit 1; }'
fi
check "nothing is left of that" fault_clean

# faults INSTANCE STAGE: in both directions.
faults() {
  local verb
  fault_instance=$1 fault_stage=$2
  before=$(snapshot)
  for verb in up down; do
    faults_injected=0 faults_survived=0 faults_missed=0
    fault_all "$verb"
    check "$fault_stage $verb '$1': of $(wc -l <"$fault_trace.calls") calls, $faults_injected faults injected, $faults_survived survived" \
      same "$faults_injected" "$faults_survived"
    check "there were some" test "$faults_injected" -gt 0
    sum_injected=$((sum_injected + faults_injected)) sum_survived=$((sum_survived + faults_survived))
    sum_missed=$((sum_missed + faults_missed))
  done
  fault_run up || echo "# $fault_stage up '$1' fails"
}

sum_injected=0 sum_survived=0 sum_missed=0
fault_instance=work fault_stage=netns
[ "${stages[0]}" = netns ] || check "its namespace comes up" fault_run up
for stage in "${stages[@]}"; do faults work "$stage"; done
check "it goes down" all_down work
if [ "$kind" != kernel ]; then
  fault_instance=plain fault_stage=netns
  check "the other's namespace comes up" fault_run up
  faults plain tunnel
  check "it goes down" all_down plain
fi
echo "# $sum_injected faults injected, $sum_survived survived; $sum_missed were not reached"
before=$start
check "in the end all is as it was in the beginning" fault_clean
finish
