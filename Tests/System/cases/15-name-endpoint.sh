#!/bin/bash
# Endpoints other than an IPv4 address: a name that the host's name server or /etc/hosts knows, one that nobody knows,
# an IPv6 address. Then private keys from a file and from an encrypted credential, and the keys of ours that end in
# WireGuard's own settings.
# runs-on: container
# also-on: trixie
# limit: 90
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
for n in 1 2; do check "provider $n starts" provider_start "$n"; done
check "so does a name server, which the host reaches by provider 1" dns_start 1 \
  "one.example.org=$(internet_address 1 provider)" \
  both.example.org=2001:db8:bad::1 "both.example.org=$(internet_address 2 provider)"
wg_work=$(unit wg work)
inside=(ip netns exec work)
# configure N [KEY=VALUE | !KEY]...: a new client of provider N.
configure() { provider_config "$1" work "${@:2}" && systemctl daemon-reload; }
# works N: the VPN starts, and provider N sees its addresses.
works() {
  vpn_start work && seen_as "10.64.$1.2" "$1" 4 "${inside[@]}" && seen_as "fd64:$1::2" "$1" 6 "${inside[@]}"
}
# online Wants|After UNIT: the unit names network-online.target there.
online() { systemctl show --property="$1" --value "$2" | tr ' ' '\n' | grep -x network-online.target; }

echo "# a name, when the network is not there yet"
before=$(snapshot)
# The network is up when the machine knows a name server, and that takes a while.
cat >/etc/systemd/system/slow-network.service <<UNIT
[Unit]
Before=network-online.target

[Service]
Type=oneshot
ExecStart=sleep 1
ExecStart=sh -c 'echo nameserver $(internet_address 1 provider) >/etc/resolv.conf'
UNIT
mkdir /etc/systemd/system/network-online.target.wants
ln -s ../slow-network.service /etc/systemd/system/network-online.target.wants/
configure 1
check "an instance with an address works" works 1
check "it does not want network-online.target" not online Wants "$wg_work"
check "nor wait for it" not online After "$wg_work"
check "so nobody has asked for it" unit_is inactive network-online.target
vpn_stop work
configure 1 WIREGUARD_ENDPOINT=one.example.org:51820
check "the host cannot resolve a name yet" not getent hosts one.example.org
check "one with a name wants network-online.target" online Wants "$wg_work"
check "and waits for it" online After "$wg_work"
check "so the name is resolved, and the VPN works" works 1
check "with the provider as endpoint" peer_has work wg-work endpoints "$(provider_endpoint 1)"
check "it was the host that asked, not the namespace" has "$(dns_questions)" \
  "A one.example.org, asked by $(internet_address 1 host)"
check "its namespace and tunnel need not wait" not online After "$(unit netns work)"
vpn_stop work
rm -r /etc/systemd/system/network-online.target.wants
check "nothing is left" within 10 unchanged "$before"

echo "# names"
configure 2 WIREGUARD_ENDPOINT=both.example.org:51820
check "a name with an unreachable IPv6 address and an IPv4 one works" works 2
check "over IPv4" peer_has work wg-work endpoints "$(provider_endpoint 2)"
vpn_stop work
configure 2 WIREGUARD_ENDPOINT=both.example.org.:51820
check "so does one with a dot at its end" works 2
check "with the same endpoint" peer_has work wg-work endpoints "$(provider_endpoint 2)"
vpn_stop work
echo "$(internet_address 2 provider 6) six six.example.org" >>/etc/hosts
configure 2 WIREGUARD_ENDPOINT=six.example.org:51820
check "a name in /etc/hosts works" works 2
check "over IPv6" peer_has work wg-work endpoints "$(provider_endpoint 2 6)"
vpn_stop work
# fails TEXT...: the start fails, and status and status line say TEXT.
fails() {
  check "the start fails" not vpn_start work
  check "systemctl status says why" status_has "$wg_work" "$1"
  check "in its status line, too" has "$(systemctl show --property=StatusText "$wg_work")" "$1"
  check "no interface is there" same "" "$(links work | grep wg-)"
  vpn_stop work
  systemctl reset-failed
  check "nothing is left" within 10 unchanged "$before"
}
configure 1 WIREGUARD_ENDPOINT=nowhere.example.org:51820
echo "# a name that does not exist"
fails "the endpoint 'nowhere.example.org' cannot be resolved: Name or service not known"
check "the name server was asked for it" has "$(dns_questions)" "A nowhere.example.org, asked by"
echo "# an IPv6 address in brackets"
configure 2 "WIREGUARD_ENDPOINT=$(provider_endpoint 2 6)"
check "it works" works 2
check "over IPv6" peer_has work wg-work endpoints "[2001:db8:2::2]:51820"
# 80 bytes of headers, and a multiple of 16, to which WireGuard pads.
check "for which the MTU leaves room" same $(((1500 - 80) / 16 * 16)) "$(mtu -n work wg-work)"
vpn_stop work

echo "# the private key in a file, and in an encrypted credential"
# move_key SETTING: take the key out of the file and put SETTING there.
move_key() {
  local path
  path=$(config_path work)
  configure 1
  private=$(sed -n 's/^WIREGUARD_PRIVATE_KEY=//p' "$path")
  sed -i "s|^WIREGUARD_PRIVATE_KEY=.*|$1|" "$path"
  systemctl daemon-reload
}
# uses_key: the interface has the key that was taken out.
uses_key() { same "$(wg pubkey <<<"$private")" "$(wg_show work wg-work public-key)"; }
# The services may not see /root: systemd reads the file for them.
key_file=/root/work.key
move_key WIREGUARD_PRIVATE_KEY_FILE=$key_file
(umask 077; echo "$private" >$key_file)
check "from a file: it works" works 1
check "with that key" uses_key
vpn_stop work
rm $key_file
check "without the file the start fails" not vpn_start work
check "for want of a credential" has "$(systemctl status "$wg_work")" status=243/CREDENTIALS
vpn_stop work
systemctl reset-failed
# seal PATH: the private key, encrypted for this machine.
seal() {
  mkdir -p "$(dirname "$1")"
  systemd-creds encrypt --with-key=host --name=private-key - "$1" <<<"$private" 2>/dev/null
}
move_key WIREGUARD_PRIVATE_KEY_CREDENTIAL=/etc/vpn/work.cred
check "it can be encrypted" seal /etc/vpn/work.cred
check "and is" not grep -qF "$private" /etc/vpn/work.cred
check "from an encrypted file: it works" works 1
check "with that key" uses_key
vpn_stop work
move_key WIREGUARD_PRIVATE_KEY_CREDENTIAL=work.cred
seal /etc/credstore.encrypted/work.cred
check "from a name in /etc/credstore.encrypted: it works" works 1
check "with that key" uses_key
vpn_stop work
# systemd binds a credential to its name: one that was sealed for something else does not fit.
systemd-creds encrypt --with-key=host --name=other - /etc/credstore.encrypted/work.cred <<<"$private" 2>/dev/null
check "one of another name is refused" not vpn_start work
vpn_stop work
systemctl reset-failed

echo "# keepalive, port and mark"
nft -f - <<'NFT'
table inet test {
  counter marked { }
  chain output {
    type filter hook output priority filter
    udp dport 51820 udp sport 51999 meta mark 0x4e53 counter name marked
  }
}
NFT
marked() { nft list counter inet test marked | awk '/packets/ { print $2 }'; }
configure 1
check "without them: it works" works 1
check "there is no keepalive" peer_has work wg-work persistent-keepalive off
check "no mark" same off "$(wg_show work wg-work fwmark)"
check "some port" grep -Ex '[0-9]{4,5}' <<<"$(wg_show work wg-work listen-port)"
check "and no marked packet" same 0 "$(marked)"
vpn_stop work
configure 1 WIREGUARD_PERSISTENT_KEEPALIVE=25 WIREGUARD_LISTEN_PORT=51999 WIREGUARD_FWMARK=0x4e53
check "with them: it works" works 1
check "WIREGUARD_PERSISTENT_KEEPALIVE" peer_has work wg-work persistent-keepalive 25
check "WIREGUARD_LISTEN_PORT" same 51999 "$(wg_show work wg-work listen-port)"
check "the socket is the host's" grep -E ':51999\b' <<<"$(ss -Huln)"
check "and not the namespace's" not grep -E ':51999\b' <<<"$("${inside[@]}" ss -Huln)"
check "WIREGUARD_FWMARK" same 0x4e53 "$(wg_show work wg-work fwmark)"
check "packets leave from that port with that mark" test "$(marked)" -gt 0
vpn_stop work
nft delete table inet test
echo "# the MTU and the path to the endpoint"
configure 1
vpn_start work
check "without a value it fits the path of 1500, less 60, a multiple of 16" same 1440 "$(mtu -n work wg-work)"
vpn_stop work
ip link set internet1 mtu 1400
configure 1
vpn_start work
check "a path of 1400 makes it smaller" same 1328 "$(mtu -n work wg-work)"
vpn_stop work
configure 1 WIREGUARD_INITIAL_MTU=1420
vpn_start work
check "a value that is too large is taken" same 1420 "$(mtu -n work wg-work)"
journalctl --sync
check "and warned of" has "$(journalctl --quiet --output=cat --unit="$(unit wg work)")" \
  "WIREGUARD_INITIAL_MTU=: '1420' is more than the path to the endpoint takes; at most 1340 fits without fragments"
vpn_stop work
ip link set internet1 mtu 1500
echo "# a peer whose public key is our own, which WireGuard leaves out without a word"
configure 1
check_own_key_refused
check "nothing is left in the end" within 10 unchanged "$before"
finish
