#!/bin/bash
# A line that wg takes we take, and one that it refuses we refuse: each of those below alone in a good file, which
# `wg setconf` reads after `wg-quick strip`, and our generator as it is. (What a file means that both take: 32-wg-meaning.)
# runs-on: container
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
before=$(snapshot)
printf '%s\n' '192.0.2.41 four.meaning.example' >>/etc/hosts
root=/run/nswg-test/root
directory=$root/etc/namespaced-wireguard-vpn.d
mkdir -p $directory
wireguard_device() {
  ip link add device type wireguard 2>/dev/null && return
  systemd-run --quiet --collect --service-type=exec --unit=device wireguard-go -f device
  within 10 test -S /run/wireguard/device.sock
}
check "there is a device for wg to configure" wireguard_device
base="[Interface]
PrivateKey = $(wg genkey)
Address = 10.66.1.2/32
[Peer]
PublicKey = $(wg genkey | wg pubkey)
AllowedIPs = 10.67.0.0/16
Endpoint = 192.0.2.1:51820"

# takers SECTION LINE: which of the two take a good file with that line added there.
takers() {
  local taken='' line=$2
  [ "$1" = Peer ] || line=$'[Interface]\n'$line
  (umask 077 && printf '%s\n' "$base" "$line" >$directory/line.conf)
  wg-quick strip $directory/line.conf >/run/nswg-test/stripped 2>/dev/null
  wg setconf device /run/nswg-test/stripped >/dev/null 2>&1 && taken=wg
  generator --dry-run --root $root 2>/dev/null | grep -q '^ExecStart=.* refuse ' || taken+=' we'
  echo "$taken"
}
# Of a port beyond 65535 wg takes what is left of it in 16 bits, which nobody means. (wg): a newer one takes it, which
# adds to or takes away from what the interface has; a file is about all that it has.
while IFS='|' read -r section line expected; do
  taken=$(takers "$section" "$line")
  [ "$expected" != "(wg)" ] || expected=${taken:+wg}
  check "[$section] ${line:-(empty)}: ${expected:-neither} takes it" same "$expected" "$taken"
done <<'LINES'
Peer||wg we
Peer|PersistentKeepalive = Off|wg we
Peer|PersistentKeepalive = 65536|
Peer|PersistentKeepalive =|
Peer|PublicKey =|
Peer|PresharedKey =|
Peer|AllowedIPs =|
Peer|AllowedIPs = # none|
Peer|Endpoint = |
Peer|PersistentKeepalive = -1|
Peer|PersistentKeepalive = 25s|
Peer|Endpoint = 192.0.2.1|
Peer|Endpoint = [2001:db8::1]|
Peer|Endpoint = 192.0.2.1:|
Peer|Endpoint = 192.0.2.1:65536|wg
Peer|AllowedIPs = 10.0.0.0/33|
Peer|AllowedIPs = 10.0.0|
Peer|AllowedIPs = 2001:db8::/129|
Peer|AllowedIPs = 10.0.0.0/8 11.0.0.0/8|
Peer|AllowedIPs = 10.0.0.0/8, 11.0.0.0/8|wg we
Peer|AllowedIPs = 10.0.0.0/8,, 11.0.0.0/8|
Peer|AllowedIPs = 10.0.0.0/8,|
Peer|AllowedIPs = ,|
Peer|AllowedIPs = +10.0.0.0/8|(wg)
Peer|AllowedIPs = -10.0.0.0/8|(wg)
Peer|AllowedIPs = 10.0.0.0/8, +11.0.0.0/8|(wg)
Peer|Endpoint = four.meaning.example:1|wg we
Peer|Address = 10.0.0.1/8|
Peer|PostUp = true|
Peer|PublicKey = abc|
Peer|NoSuchKey = 1|
Peer|no assignment|
Peer|; no comment|
Peer|[Peer]|
Peer|[Server]|
Interface|FwMark = 0xZZ|
Interface|FwMark = 0x1ffffffff|
Interface|FwMark = OFF|wg we
Interface|ListenPort = 65536|wg
Interface|ListenPort = off|
Interface|ListenPort =|
Interface|FwMark =|
Interface|PrivateKey =|
Interface|MTU =|wg we
Interface|DNS =|wg we
Interface|PrivateKey = abc|
Interface|Endpoint = 192.0.2.1:1|
Interface|Private Key = qJ6rGVvLV8TVCPWPV8vzQv7rJCI1vbbMHUBbvpyBGUM=|wg we
Interface|Pri = 1|
LINES
ip link delete device
check "nothing is left" within 20 unchanged "$before"
finish
