#!/bin/bash
# shellcheck disable=SC2034,SC2154  # variables of the tests' library
# throughput.sh ROUNDS SECONDS
# TCP through the kernel's WireGuard to a peer in a namespace: from inside a VPN as our stages set it up, and from the
# same interface on the host, without a namespace or a stage. Pairs, one after the other, in turns.
set -u
rounds=$1 seconds=$2
# shellcheck source=../../Tests/System/lib/lib.sh
. /usr/lib/nswg-test/lib.sh
fail() { echo "throughput: $*" >&2; checks_finished=1; exit 1; }

ip link set lo up
provider_start 1 || fail "no provider"
provider_config 1 work WIREGUARD_INITIAL_MTU=1420
# The same by hand, for a client of its own.
private=$(wg genkey)
provider_peer 1 "$(wg pubkey <<<"$private")" - 10.64.1.3/32
ip link add bare type wireguard || fail "no kernel WireGuard"
wg set bare private-key <(echo "$private") peer "$(<"$provider_state/provider1/public-key")" \
  endpoint "$(provider_endpoint 1)" allowed-ips 10.64.1.1/32
ip address add 10.64.1.3/32 dev bare
ip link set bare mtu 1420 up
ip route add 10.64.1.1/32 dev bare
systemctl daemon-reload
vpn_start work || fail "the VPN does not start"
systemd-run --quiet --collect --unit=iperf3 --property=NetworkNamespacePath=/run/netns/provider1 iperf3 --server
sleep 2

# once VARIANT [COMMAND...]
once() {
  local variant=$1 result
  shift
  result=$("$@" iperf3 --client 10.64.1.1 --time "$seconds" --omit 1 --json) || fail "$variant: $result"
  result=$(tr -d '[:space:]' <<<"$result" | sed -E 's/.*"sum_received":\{[^}]*"bits_per_second":([0-9.]+).*/\1/')
  printf 'sample\tthroughput\t%s\t1\tbits-per-second\t%.0f\n' "$variant" "$result"
  value=${result%.*}
}
once nswg ip netns exec work >/dev/null
once bare >/dev/null
for ((round = 0; round < rounds; round++)); do
  if [ $((round % 2)) = 0 ]; then
    once nswg ip netns exec work; ours=$value; once bare; theirs=$value
  else
    once bare; theirs=$value; once nswg ip netns exec work; ours=$value
  fi
  printf 'sample\tthroughput\tpair\t1\tratio\t%s\n' "$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.4f", a / b }')"
done
[ "$(wg_show work wg-work latest-handshakes | cut -f 2)" -gt 0 ] || fail "it went another way"
checks_finished=1
