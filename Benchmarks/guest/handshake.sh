#!/bin/bash
# shellcheck disable=SC2034,SC2154  # variables of the tests' library
# handshake.sh TABLE ROUNDS DELAY_MS
# From `systemctl start` to the first answered packet: our online target, against units of the original's scripts and a
# loop that pings until there is an answer. The peer is behind a link of DELAY_MS each way.
set -u
table=$1 rounds=$2 delay=$3 stages=netns,wg,tunnel
# shellcheck source=../../Tests/System/lib/lib.sh
. /usr/lib/nswg-test/lib.sh
checks_finished=1
fail() { echo "handshake: $*" >&2; journalctl --no-pager --lines 20 >&2; exit 1; }

ip link set lo up
provider_start 1 || fail "no provider"
if [ "$delay" != 0 ]; then
  tc qdisc add dev internet1 root netem delay "${delay}ms" || fail "no netem"
  ip netns exec provider1 tc qdisc add dev uplink root netem delay "${delay}ms" || fail "no netem"
fi
PROVIDER_KEY=$(<"$provider_state/provider1/public-key")
# shellcheck source=instance.sh
. /usr/lib/nswg-bench/instance.sh
write_instance work 1
private=$(sed -n 's/^WIREGUARD_PRIVATE_KEY=//p' "$(config_path work)")
preshared=$(sed -n 's/^WIREGUARD_VPN_PRESHARED_KEY=//p' "$(config_path work)")
provider_peer 1 "$(wg pubkey <<<"$private")" "$preshared" 10.64.1.3/32
/usr/lib/nswg-bench/original-units
printf '%s\n' '[Unit]' 'Requires=original@%i.target' 'After=original@%i.target' 'PartOf=original@%i.target' '[Service]' \
  Type=oneshot RemainAfterExit=yes NetworkNamespacePath=/run/netns/%i \
  "ExecStart=/bin/sh -c 'until ping -q -c 1 -W 1 10.64.1.1; do sleep 0.2; done'" >/etc/systemd/system/original-online@.service
systemctl daemon-reload

now() { echo "${EPOCHREALTIME/[.,]/}"; }
answered() { ip netns exec work ping -q -c 1 -W 5 10.64.1.1 >/dev/null || fail "no answer"; }
# cycle VARIANT; a `gate` alone is for a VPN that is up already and has had no handshake.
cycle() {
  local began
  case $1 in
    nswg-gate) vpn_start work || fail "the VPN does not start" ;;
    original-gate) systemctl start original@work.target || fail "the original does not start" ;;
  esac
  began=$(now)
  case $1 in
    nswg*) systemctl start namespaced-wireguard-vpn-online@work.target || fail "$1 does not start" ;;
    original*) systemctl start original-online@work.service || fail "$1 does not start" ;;
  esac
  # The online target has seen a handshake, the loop of pings its first answer. Both now send one packet.
  answered
  printf 'sample\t%s\t%s\t1\twall-us\t%s\n' "$table" "$1" $(($(now) - began))
  # What a packet takes when all is up and the session is there.
  began=$(now)
  answered
  printf 'sample\t%s\tround-trip\t1\twall-us\t%s\n' "$table" $(($(now) - began))
  case $1 in
    nswg*) vpn_stop work ;;
    original*) systemctl stop original@work.target original-{online,netns,wg,tunnel}@work.service ;;
  esac
  within 15 not ip link show veth-work0
}
cycle nswg >/dev/null
cycle original >/dev/null
for ((round = 0; round < rounds; round++)); do
  if [ $((round % 2)) = 0 ]; then order=(nswg original nswg-gate original-gate)
  else order=(original-gate nswg-gate original nswg); fi
  for variant in "${order[@]}"; do cycle "$variant"; done
done
printf 'sample\t%s\tlink\t1\tdelay-ms\t%s\n' "$table" "$delay"
