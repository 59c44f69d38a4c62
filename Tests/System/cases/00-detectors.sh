#!/bin/bash
# The detectors themselves: a snapshot sees a leftover of every kind, and a failed check fails a case.
# runs-on: container vm
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip netns add first && ip netns delete first       # the kernel and ip set some things up for good
ip link set lo up
wireguard_kind >/dev/null
before=$(snapshot)

# seen LINE MAKE UNDO: after MAKE the snapshot has LINE, which it had not before.
seen() {
  not grep --line-regexp "$1" <<<"$before" || return
  eval "$2" || { echo "cannot make the leftover"; return 1; }
  local during
  during=$(snapshot)
  eval "$3" || { echo "cannot undo the leftover"; return 1; }
  grep --line-regexp "$1" <<<"$during" || { diff <(echo "$before") <(echo "$during"); return 1; }
}

check "two snapshots of one state are equal" unchanged "$before"
check "a network namespace" seen 'namespace left' 'ip netns add left' 'ip netns delete left'
check "its mount" seen 'mount /run/netns/left' 'ip netns add left' 'ip netns delete left'
check "the file of a namespace that is gone" seen 'namespace left' 'touch /run/netns/left' 'rm /run/netns/left'
check "a link" seen 'link left mtu 1500' 'ip link add left type veth peer name right' 'ip link delete left'
check "an MTU" seen 'link lo mtu 1400' 'ip link set lo mtu 1400' 'ip link set lo mtu 65536'
check "an IPv4 address" seen 'address lo 10.127.9.1/30' \
  'ip address add 10.127.9.1/30 dev lo' 'ip address delete 10.127.9.1/30 dev lo'
check "an IPv6 address" seen 'address lo fd64:9::1/64' \
  'ip address add fd64:9::1/64 dev lo nodad' 'ip address delete fd64:9::1/64 dev lo'
check "an IPv4 route" seen 'route4 unreachable 10.127.9.0/24.*' \
  'ip route add unreachable 10.127.9.0/24' 'ip route delete unreachable 10.127.9.0/24'
check "an IPv6 route in another table" seen 'route6 unreachable fd64:9::/64 .*table 77.*' \
  'ip -6 route add unreachable fd64:9::/64 table 77' 'ip -6 route delete unreachable fd64:9::/64 table 77'
check "a routing rule" seen 'rule4 .*from 10.127.9.1 lookup main' 'ip rule add from 10.127.9.1' 'ip rule delete from 10.127.9.1'
check "an nftables table" seen 'nft table inet left {' 'nft add table inet left' 'nft delete table inet left'
check "a credential's mount" seen 'mount /run/credentials/left' \
  'mkdir -p /run/credentials/left && mount -t ramfs ramfs /run/credentials/left' \
  'umount /run/credentials/left && rmdir /run/credentials/left'
check "a state file" seen 'file /run/namespaced-wireguard-vpn/left' \
  'mkdir -p /run/namespaced-wireguard-vpn && touch /run/namespaced-wireguard-vpn/left' \
  'rm -r /run/namespaced-wireguard-vpn'
check "a file for ip netns exec" seen 'file /etc/netns/left' 'mkdir -p /etc/netns/left' 'rm -r /etc/netns'
check "the directory of those files" seen 'file /etc/netns' 'mkdir /etc/netns' 'rmdir /etc/netns'
check "forwarding" seen 'setting /proc/sys/net/ipv4/conf/lo/forwarding:1' \
  'sysctl -q net.ipv4.conf.lo.forwarding=1' 'sysctl -q net.ipv4.conf.lo.forwarding=0'
check "a wireguard-go" seen 'process .*wireguard-go -f left' \
  'systemd-run -q --unit=left wireguard-go -f left && within 5 test -S /run/wireguard/left.sock' 'systemctl stop left'
check "its socket" seen 'file /run/wireguard/left.sock' \
  'mkdir -p /run/wireguard && touch /run/wireguard/left.sock' 'rm /run/wireguard/left.sock'
check "an active unit" seen 'unit namespaced-wireguard-vpn-left.service active' \
  'systemd-run -q --unit=namespaced-wireguard-vpn-left sleep 60' 'systemctl stop namespaced-wireguard-vpn-left'
check "a failed unit" seen 'unit namespaced-wireguard-vpn-left.service failed' \
  '! systemd-run -q --wait --unit=namespaced-wireguard-vpn-left false' \
  'systemctl reset-failed namespaced-wireguard-vpn-left.service'
check "all of them are gone again" within 5 unchanged "$before"

# other COMMANDS: a case of its own; prints what it says and, last, its exit status.
other() {
  bash -c ". /usr/lib/nswg-test/lib.sh; $1" 2>&1
  echo "status $?"
}
check "a failed check fails the case" has "$(other 'check no false; check yes true; finish')" \
  $'1 passed, 1 failed, 0 skipped\nstatus 1'
check "a case that ends early fails" has "$(other 'check yes true; exit 0')" $'before it called finish\nstatus 1'
check "a case without checks fails" has "$(other finish)" $'0 passed, 1 failed, 0 skipped\nstatus 1'
check "a skip is counted" has "$(NSWG_NO_SKIP=0 other 'skip TUN "no device"; finish')" $'0 passed, 0 failed, 1 skipped\nstatus 0'
check "a skip fails where nothing may be skipped" has "$(NSWG_NO_SKIP=1 other 'skip TUN "no device"; check yes true; finish')" \
  $'0 passed, 1 failed, 1 skipped\nstatus 1'
finish
