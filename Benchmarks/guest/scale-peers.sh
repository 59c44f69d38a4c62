#!/bin/bash
# One instance of PEERS peers with ten networks each over netlink, beside wg(8) and ip(8) with the same; a guest's
# script, see lib.sh of the system tests.
set -u
# shellcheck source=/dev/null
. /usr/lib/nswg-test/lib.sh

each=10
# Past `check`, which keeps what a command says.
exec 3>&1
sample() { printf 'sample\tscale\t%s\t%s\t%s\t%s\n' "$1" "$PEERS" "$2" "$3" >&3; }
# measured VARIANT COMMAND...: its time and its peak memory; ru_maxrss of getrusage(2) is at byte 32, in KiB; no less
# than perl's own, which is what the child was before its exec.
measured() {
  local variant=$1 line
  shift
  line=$(perl -e '
    use Time::HiRes "time";
    my $began = time;
    system { $ARGV[0] } @ARGV;
    my $status = $?;
    my $took = (time - $began) * 1e6;
    my $usage = "\0" x 144;
    syscall(98, -1, $usage);
    printf STDERR "%d %d %d\n", $took, unpack("x32 q", $usage), $status;' "$@" 2>&1 >/dev/null | tail -n 1)
  local values
  read -ra values <<<"$line"
  sample "$variant" wall-us "${values[0]:-0}"
  sample "$variant" max-rss-kib "${values[1]:-0}"
  same 0 "${values[2]:-none}" || { echo "$line"; return 1; }
}

ip link set lo up
check "the provider starts" provider_start 1
provider_default 1
large_config 1 big "$PEERS" "$each"
path=$(config_path big)
began=${EPOCHREALTIME/./}
check "daemon-reload" systemctl daemon-reload
sample daemon-reload wall-us $((${EPOCHREALTIME/./} - began))
check "the generator alone" measured generator /usr/lib/systemd/system-generators/nswg-systemd-generator /run/nswg-test
check "the namespace" systemctl start "$(unit netns big)"

stage=/usr/lib/namespaced-wireguard-vpn/nswg-stage
for round in 1 2 3; do
  check "wg up, round $round" measured wg-up "$stage" wg up big
  [ "$round" = 3 ] || check "wg down" measured wg-down "$stage" wg down big
done
check "every network is allowed" same "$(written_networks "$path" | cksum)" "$(present_networks big wg-big | cksum)"
check "and has a route" same $((PEERS * each + 1)) "$(routes big wg-big | wc -l)"
check "wg down" measured wg-down "$stage" wg down big
check "systemctl start" measured systemctl-start systemctl start "$(target big)"
check "wg reload without a change" measured wg-reload "$stage" wg reload big
check "nswg status" measured nswg-status nswg status big --json

# The same keys, peers and networks by wg(8), and the routes by one ip(8).
wg_showconf big wg-big >/run/nswg-test/big.conf
routes big wg-big | awk '{ print "route add", $1, "dev wg-big" }' >/run/nswg-test/big.routes
check "systemctl stop" measured systemctl-stop systemctl stop "$(target big)"
ip netns add beside
ip -n beside link set lo up
for round in 1 2 3; do
  ip -n beside link add wg-big type wireguard
  check "wg setconf, round $round" measured wg-setconf nsenter --net=/run/netns/beside wg setconf wg-big /run/nswg-test/big.conf
  ip -n beside link set wg-big up
  check "ip -batch" measured ip-batch ip -n beside -batch /run/nswg-test/big.routes
  check "it did the same" same $((PEERS * each + 1)) "$(routes beside wg-big | wc -l)"
  ip -n beside link delete wg-big
done
ip netns delete beside
finish
