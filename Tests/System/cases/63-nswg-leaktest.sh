#!/bin/bash
# nswg leaktest finds no leak where there is none, and each of those that are made here; nswg metrics are what
# Prometheus reads.
# runs-on: container
# limit: 150
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1
provider_default 1
printf '[Service]\nExecStart=sleep infinity\n' | tee /etc/systemd/system/plain.service >/etc/systemd/system/bare.service
provider_config 1 work WIREGUARD_DNS=10.64.1.1 ATTACH_UNITS=plain.service
systemctl daemon-reload
status_of() { "$@" >/dev/null 2>&1; echo $?; }
echo "nameserver $(internet_address 1 provider)" >/etc/resolv.conf

echo "# down"
check "nothing can be tested" same 3 "$(status_of nswg leaktest work)"
vpn_start work
systemctl start plain.service
within 10 seen_as 10.64.1.2 1 4 ip netns exec work

echo "# no leak"
report=$(nswg leaktest work)
check "the status is 0" same 0 $?
echo "$report"
check "the detector was proven" has "$report" "one of the host's own, on lo"
check "every answer is yes" same "" "$(tail -n +2 <<<"$report" | grep -v '^yes')"
check "there are as many as there must be" test "$(grep -c ^yes <<<"$report")" -ge 11
check "as JSON" has "$(nswg leaktest work --json)" '"leaks": false'

# leaks WHAT: the test now has a "no" at the line with WHAT.
leaks() {
  local report
  report=$(nswg leaktest work) && return 1
  grep "^no .*$1" <<<"$report" || { echo "$report"; return 1; }
}
pair=$(ip -n work -oneline route show dev veth-work1 | awk '{ print $1 }' | head -n 1)
host_end=$(ip -oneline -4 address show dev veth-work0 | awk '{ sub("/.*", "", $4); print $4 }')
echo "# leaks that are made: the pair is $pair"
ip -n work route add 198.51.100.0/24 via "$host_end" dev veth-work1
check "a route by the pair" leaks "198.51.100.0/24 via $host_end leads to veth-work1"
rules=$(ip netns exec work nft list table inet namespaced-wireguard-vpn)
ip netns exec work nft delete table inet namespaced-wireguard-vpn
check "which without the filter carries packets" leaks "a packet to 198.51.100.1:9 was in the clear on veth-work0"
check "the host's addresses are open, too" leaks "Do the host's addresses get nothing"
check "and mDNS" leaks "mDNS or LLMNR"
ip -n work route delete 198.51.100.0/24
ip netns exec work nft -f - <<<"$rules"
check "mended, there is none" nswg leaktest work
ip link add stray type veth peer name inside netns work
check "another interface inside" leaks "inside: not made by this VPN"
ip link delete stray
ip netns exec work sysctl -q net.ipv4.ip_forward=1
check "a router inside" leaks "ipv4/ip_forward=1"
ip netns exec work sysctl -q net.ipv4.ip_forward=0
ip -n work route delete unreachable default
check "no end behind WireGuard's routes" leaks "no unreachable default"
ip -n work route add unreachable default metric 4294967295
mkdir -p /run/systemd/system/bare.service.d
printf '[Unit]\nBindsTo=%s\nAfter=%s\n' "$(unit netns work)" "$(unit netns work)" >/run/systemd/system/bare.service.d/vpn.conf
systemctl daemon-reload
systemctl start bare.service
check "a service that is bound but outside" leaks "bare.service is in the host's net:"
check "status shows it" has "$(nswg status work)" "OUTSIDE: process"
check "list, too" has "$(nswg)" OUTSIDE:bare
check "metrics, too" has "$(nswg metrics)" 'namespaced_wireguard_vpn_attached_outside{instance="work"} 1'
systemctl stop bare.service
check "mended, there is none" nswg leaktest work

echo "# metrics"
# Each line is a comment of a family that follows, or a sample of the family named last.
valid() {
  awk '
    /^# HELP / { family = $3; help[family]++; if (help[family] > 1) bad = 1; next }
    /^# TYPE / { if ($3 != family || ($4 != "gauge" && $4 != "counter")) bad = 1; next }
    { samples++ }
    !/^[a-z_]+\{([a-z_]+="([^"\\]|\\["\\n])*",?)+\} [0-9]+$/ { print "no sample: " $0; bad = 1 }
    { name = $0; sub(/\{.*/, "", name); if (name != family) { print "not of " family ": " $0; bad = 1 } }
    END { exit bad || samples < 10 }' <<<"$1"
}
metrics=$(nswg metrics)
echo "$metrics"
check "they are in the text format" valid "$metrics"
check "the checker sees what is not" not valid "$metrics
stray{a=\"b\"} x"
check "up" has "$metrics" 'namespaced_wireguard_vpn_up{instance="work"} 1'
check "received bytes" grep -qE 'peer_receive_bytes_total\{instance="work",peer=".{43}="\} [1-9]' <<<"$metrics"
check "a handshake's age" grep -qE 'peer_handshake_age_seconds\{.*\} [0-9]+$' <<<"$metrics"
check "no key but the peer's public one" not grep -qF -e "$(sed -n 's/^WIREGUARD_PRIVATE_KEY=//p' "$(config_path work)")" <<<"$metrics"
mkdir -p /var/lib/prometheus/node-exporter
check "the timer's service" systemctl start namespaced-wireguard-vpn-metrics.service
collected=$(</var/lib/prometheus/node-exporter/namespaced-wireguard-vpn.prom)
check "writes the same into the collector's file" has "$collected" 'namespaced_wireguard_vpn_up{instance="work"} 1'
check "all of it" same "$(grep -c ^namespaced <<<"$metrics")" "$(grep -c ^namespaced <<<"$collected")"
check "which others may read" same 644 "$(stat -c %a /var/lib/prometheus/node-exporter/namespaced-wireguard-vpn.prom)"
check "the timer can be enabled" systemctl enable --now --quiet namespaced-wireguard-vpn-metrics.timer
check "and waits" unit_is active namespaced-wireguard-vpn-metrics.timer
systemctl disable --now --quiet namespaced-wireguard-vpn-metrics.timer
vpn_stop work
finish
