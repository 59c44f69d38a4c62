#!/bin/bash
# Reload: a file's changes reach a VPN that runs, and a TCP connection through it lives on over each of them. What
# cannot change in place is named, and a faulty file changes nothing.
# runs-on: container vm
# also-on: trixie
# limit: 150
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
for n in 1 2; do check "provider $n starts" provider_start "$n"; done
provider_default 1
work=$(config_path work) wg=$(unit wg work) target=$(target work)
inside=(ip netns exec work)
before=$(snapshot)
provider_config 1 work ATTACH_UNITS=stream.service WIREGUARD_DNS=10.64.1.1
cat >/etc/systemd/system/stream.service <<'UNIT'
[Service]
ExecStart=/usr/lib/nswg-test/stream /run/stream 10.64.1.1 4052
UNIT
in_provider() { systemd-run --quiet --collect --service-type=exec --property=NetworkNamespacePath=/run/netns/provider1 "$@"; }
in_provider --unit=nswg-test-echo systemd-socket-activate --listen=10.64.1.1:4052 --accept --inetd cat
ip -n provider1 address add 10.64.1.9/32 dev lo
in_provider --unit=nswg-test-dns1 /usr/lib/nswg-test/dns-answer 10.64.1.1 first.example.org=10.64.1.1
in_provider --unit=nswg-test-dns9 /usr/lib/nswg-test/dns-answer 10.64.1.9 second.example.org=10.64.1.9
systemctl daemon-reload

# set_key KEY=VALUE...: in the file, and nothing else.
set_key() {
  local setting
  for setting; do
    sed -i "/^${setting%%=*}=/d" "$work"
    echo "$setting" >>"$work"
  done
}
status_text() { systemctl show --property=StatusText --value "$wg"; }
# The one connection: the same process, and it goes on.
stream_pid() { systemctl show --property=MainPID --value stream.service; }
lines() { cut -d ' ' -f 1 /run/stream; }
further() { [ "$(lines)" -gt "$1" ]; }
goes_on() { within 20 further $((${1:-$(lines)} + 10)) && same "$pid" "$(stream_pid)"; }
# The one interface and the one peer, whose counters would begin anew: TCP alone lives through more than a reload.
link_index() { ip -n work -oneline link show dev wg-work | cut -d : -f 1; }
received() { wg_show work wg-work transfer | cut -f 2; }
stays() { same "$index" "$(link_index)" && [ "$(received)" -ge "$1" ]; }
# reloads WHAT TEXT: the reload succeeds and says TEXT, and link, session and connection go on.
reloads() {
  local was
  was=$(received)
  check "$1: the reload succeeds" systemctl reload "$wg"
  check "says what changed" same "interface wg-work is up in /run/netns/work; reloaded: $2" "$(status_text)"
  check "link and peer are the same" stays "$was"
  check "and the connection goes on" goes_on
}
our_routes() { { ip -n work -4 route show proto static dev wg-work && ip -n work -6 route show proto static dev wg-work; } | cut -d ' ' -f 1 | xargs; }
conf() { wg_showconf work wg-work | sort; addresses -n work wg-work; routes work wg-work; mtu -n work wg-work; }

check "the VPN starts" vpn_start work
check "not yet reloaded, it works" seen_as 10.64.1.2 1 4 "${inside[@]}"
check "a service starts inside" systemctl start stream.service
pid=$(stream_pid)
check "with a connection through the tunnel" within 10 goes_on 0
echo "# the detector: a restart"
index=$(link_index) was=$(received)
systemctl restart "$wg"
check "is seen" not stays "$was"
check "and the service has another connection" not goes_on 0
within 10 systemctl --quiet is-active stream.service
index=$(link_index) pid=$(stream_pid)
check "which goes on" within 10 goes_on 0

echo "# nothing has changed"
was=$(conf)
reloads "the same file" "nothing has changed"
check "and nothing has" same "$was" "$(conf)"

echo "# MTU: without it in the file it follows the path to the endpoint"
set_key WIREGUARD_INITIAL_MTU=1380
reloads "MTU" "MTU 1440→1380"
check "it is set" same 1380 "$(mtu -n work wg-work)"

echo "# peers"
set_key WIREGUARD_PERSISTENT_KEEPALIVE=7
reloads "keepalive" "1 peer changed (keepalive 0→7 s)"
check "it is set" peer_has work wg-work persistent-keepalive 7
secret=$(wg genpsk)
ip netns exec provider1 wg set wg-provider1 peer "$(public_key "$work")" preshared-key /dev/stdin <<<"$secret"
set_key "WIREGUARD_VPN_PPRESHARED_KEY=$secret"
reloads "preshared key" "1 peer changed (preshared key)"
check "it is set" peer_has work wg-work preshared-keys "$secret"
# A packet that is on its way from the old one would move the peer back there: WireGuard answers where it last heard from.
ip netns exec provider1 nft 'table inet silent { chain output { type filter hook output priority 0; meta nfproto ipv4 udp sport 51820 drop; }; }'
set_key "WIREGUARD_ENDPOINT=$(provider_endpoint 1 6)"
reloads "endpoint" "1 peer changed (endpoint $(provider_endpoint 1)→$(provider_endpoint 1 6))"
check "it is set" peer_has work wg-work endpoints "$(provider_endpoint 1 6)"
ip netns exec provider1 nft delete table inet silent
set_key WIREGUARD_ALLOWED_IPS=10.64.0.0/16,fd64::/16
reloads "allowed addresses" "1 peer changed (allowed addresses +10.64.0.0/16 +fd64::/16 −0.0.0.0/0 −::/0), route +10.64.0.0/16 +fd64::/16 −0.0.0.0/0 −::/0"
check "they are set" peer_has work wg-work allowed-ips "10.64.0.0/16 fd64::/16"
check "with their routes" same "10.64.0.0/16 fd64::/16" "$(our_routes)"

echo "# a peer that has moved"
wg_set() { if [ "$(wireguard_kind)" = kernel ]; then "${inside[@]}" wg set wg-work "$@"; else wg set "$(wg_socket_name work)" "$@"; fi; }
# A packet that is on its way from there moves it back.
moved() {
  wg_set peer "$(wg_show work wg-work peers)" endpoint "$(provider_endpoint 1)"
  sleep 1
  peer_has work wg-work endpoints "$(provider_endpoint 1)"
}
check "it has another address" within 20 moved
reloads "the file still says where it was" "nothing has changed"
check "where it is now is left alone" peer_has work wg-work endpoints "$(provider_endpoint 1)"

echo "# the interface"
ip netns exec provider1 wg set wg-provider1 peer "$(public_key "$work")" allowed-ips 10.64.1.2/32,10.64.1.3/32,fd64:1::2/128,fd64:1::3/128
set_key WIREGUARD_IP_ADDRESSES=10.64.1.3/32,10.64.1.2/32,fd64:1::3/128
reloads "addresses" "address +10.64.1.3/32 +fd64:1::3/128 −fd64:1::2/128"
check "they are set" same "10.64.1.2/32 10.64.1.3/32 fd64:1::3/128" "$(addresses -n work wg-work)"
check "the new one is used" seen_as fd64:1::3 1 6 "${inside[@]}"
check "the routes are still there" same "10.64.0.0/16 fd64::/16" "$(our_routes)"
set_key WIREGUARD_LISTEN_PORT=51999 WIREGUARD_FWMARK=0x20
port=$(wg_show work wg-work listen-port)
reloads "port and mark" "listen port $port→51999, mark 0x0→0x20"
check "they are set" same "51999 0x20" "$(wg_show work wg-work listen-port) $(wg_show work wg-work fwmark)"
private=$(wg genkey)
provider_peer 1 "$(wg pubkey <<<"$private")" "$secret" 10.64.1.2,10.64.1.3,fd64:1::3
set_key "WIREGUARD_PRIVATE_KEY=$private"
reloads "private key" "private key, so a new handshake follows"
check "it is set" same "$(wg pubkey <<<"$private")" "$(wg_show work wg-work public-key)"
(umask 077 && wg genkey >/root/work.key)
provider_peer 1 "$(wg pubkey </root/work.key)" "$secret" 10.64.1.2,10.64.1.3,fd64:1::3
sed -i 's|^WIREGUARD_PRIVATE_KEY=.*|WIREGUARD_PRIVATE_KEY_FILE=/root/work.key|' "$work"
reloads "private key in a file" "private key, so a new handshake follows"
check "it is set" same "$(wg pubkey </root/work.key)" "$(wg_show work wg-work public-key)"

echo "# name servers"
# In what the running service sees as its own.
in_service() { nsenter --target "$pid" --mount --net "$@"; }
check "the service resolves by the first" in_service getent hosts first.example.org
check "it does not know the second's names" not in_service getent hosts second.example.org
set_key WIREGUARD_DNS=10.64.1.9,example.org
reloads "name server" "DNS 10.64.1.1→10.64.1.9"
check "the service that runs sees the new one" has "$(in_service cat /etc/resolv.conf)" "nameserver 10.64.1.9"
check "and asks it" in_service getent hosts second.example.org
check "by a search domain, too" in_service getent hosts second
check "so does who enters by hand" "${inside[@]}" getent hosts second.example.org
# shellcheck disable=SC2016  # Perl's own
check "the first may not be asked any more" not in_service perl -MIO::Socket::INET -e \
  'my $s = IO::Socket::INET->new(PeerAddr => "10.64.1.1:53", Proto => "udp") or exit 1; send $s, "x", 0 or exit 1'
sed -i '/^WIREGUARD_DNS=/d' "$work"
reloads "no name server, a shorter file" "DNS 10.64.1.9→none"
check "the service sees it" not grep -q nameserver <(in_service cat /etc/resolv.conf)
check "whole and without an old end" same "# Written by namespaced-wireguard-vpn for the VPN work, and removed when that stops." \
  "$(in_service cat /etc/resolv.conf)"

echo "# a faulty file"
cp "$work" /run/good.conf
was=$(conf)
set_key WIREGUARD_INITIAL_MTU=1300 WIREGUARD_ENDPOINT=nowhere
check "the reload fails" not systemctl reload "$wg"
check "and says why" has "$(status_text)" "nothing has changed: $work:$(grep -n ^WIREGUARD_ENDPOINT= "$work" | cut -d : -f 1):20: WIREGUARD_ENDPOINT=: 'nowhere' has no port"
check "in the journal, too" status_has "$wg" "'nowhere' has no port"
check "nothing has changed" same "$was" "$(conf)"
check "all units are up" vpn_is_up work
check "and the connection goes on" goes_on
systemctl daemon-reload
check "after a daemon-reload, which knows the fault, the reload fails as well" not systemctl reload "$wg"
check "and says why" has "$(status_text)" "'nowhere' has no port"
check "nothing has changed" same "$was" "$(conf)"
cp /run/good.conf "$work"
systemctl daemon-reload
set_key WIREGUARD_INITIAL_MTU=1300 WIREGUARD_ENDPOINT=no.such.name.invalid:51820
check "with a name that nobody knows it fails, too" not systemctl reload "$wg"
check "and nothing has changed" same "$was" "$(conf)"
mv "$work" /run/gone.conf
check "without a file it fails" not systemctl reload "$wg"
check "and nothing has changed" same "$was" "$(conf)"

echo "# what cannot change in place"
cp /run/good.conf "$work"
set_key WIREGUARD_INITIAL_MTU=1360 NETNS_NAME=other WIREGUARD_NAME=wg9 TUNNEL_VPN_NAME=veth9 \
  WIREGUARD_USERSPACE=other-go "ATTACH_UNITS=stream.service late.service"
check "the reload fails" not systemctl reload "$wg"
for text in "reloaded: MTU 1380→1360;" "NETNS_NAME= work→other: restart $target" "WIREGUARD_NAME= wg-work→wg9: restart $target" \
  "TUNNEL_VPN_NAME= veth-work1→veth9: restart $(unit tunnel work)" \
  "stream.service stream.socket late.service late.socket: restart the services"; do
  check "says: $text" has "$(status_text)" "$text"
done
# Where the kernel has WireGuard, the program means nothing.
names_program() { has "$(status_text)" "WIREGUARD_USERSPACE= wireguard-go→other-go: restart $wg"; }
if [ "$(wireguard_kind)" = kernel ]; then
  check "not the program, which does not run" not names_program
else
  check "and the program" names_program
fi
check "in the journal, too" status_has "$wg" "NETNS_NAME= work→other"
check "what can change has" same 1360 "$(mtu -n work wg-work)"
check "and the connection goes on" goes_on
cp /run/good.conf "$work"
set_key TUNNEL_ENABLE=no "WIREGUARD_PRIVATE_KEY_CREDENTIAL=work.cred"
sed -i /^WIREGUARD_PRIVATE_KEY_FILE=/d "$work"
check "a tunnel switched off: the reload fails" not systemctl reload "$wg"
check "and says what to do" has "$(status_text)" "TUNNEL_ENABLE= yes→no: stop $(unit tunnel work)"
check "so does a key that moved into a credential" has "$(status_text)" "WIREGUARD_PRIVATE_KEY_CREDENTIAL= -→work.cred: restart $wg"
check "and the connection goes on" goes_on
cp /run/good.conf "$work"
check "with the old file all is well" systemctl reload "$wg"

echo "# the targets"
set_key WIREGUARD_INITIAL_MTU=1340
check "the target can be reloaded" systemctl reload "$target"
check "which does it" within 5 same 1340 "$(mtu -n work wg-work)"
check "and the connection goes on" goes_on
set_key WIREGUARD_INITIAL_MTU=nothing
systemctl reload "$target"
check "with a faulty file that of the target succeeds, for it only passes it on" test "$?" = 0
check "its WireGuard unit says that nothing was done" within 5 status_has "$wg" "'nothing' is not"
set_key WIREGUARD_INITIAL_MTU=1320
systemctl start namespaced-wireguard-vpn.target
check "the target of all VPNs can, too" systemctl reload namespaced-wireguard-vpn.target
mtu_is() { same "$1" "$(mtu -n work wg-work)"; }
check "which does it" within 5 mtu_is 1320
check "and the connection goes on" goes_on
check "no secret is in record, status or journal" not grep -rqF -e "$secret" -e "$private" -e "$(</root/work.key)" \
  /run/namespaced-wireguard-vpn <(unit_says "$wg") <(journalctl --output=export)

echo "# the longest time that a line took: $(cut -d ' ' -f 2 /run/stream) ms"

echo "# two peers, and the first IPv6 address"
home=$(config_path home)
key=$(wg genkey)
for n in 1 2; do provider_peer "$n" "$(wg pubkey <<<"$key")" - "10.64.$n.77,fd64:$n::77"; done
# peer N: the section of provider N.
peer() {
  printf '[Peer]\nPublicKey = %s\nEndpoint = %s\nAllowedIPs = 10.64.%d.0/24, fd64:%d::/64\n' \
    "$(ip netns exec "provider$1" wg show "wg-provider$1" public-key)" "$(provider_endpoint "$1")" "$1" "$1"
}
interface() { printf '[Interface]\nPrivateKey = %s\nAddress = %s\n[Tunnel]\nEnable = no\n' "$key" "$1"; }
# write_home ADDRESSES PROVIDER...
write_home() {
  local n
  (umask 077 && interface "$1" >"$home" && shift && for n; do peer "$n"; done >>"$home")
}
write_home 10.64.2.77/32,10.64.1.77/32 2
systemctl daemon-reload
check "a VPN with one peer and no IPv6 starts" vpn_start home
check "it reaches the one" ip netns exec home ping -c 1 -W 3 -I 10.64.2.77 10.64.2.1
check "not the other" not ip netns exec home ping -c 1 -W 1 -I 10.64.1.77 10.64.1.1
write_home 10.64.2.77/32,10.64.1.77/32,fd64:2::77/128 2 1
check "the reload succeeds" systemctl reload "$(unit wg home)"
check "and says so" has "$(systemctl show --property=StatusText --value "$(unit wg home)")" \
  "reloaded: 1 peer added, address +fd64:2::77/128, route +fd64:2::/64 +10.64.1.0/24 +fd64:1::/64"
check "it reaches the second" ip netns exec home ping -c 1 -W 3 -I 10.64.1.77 10.64.1.1
check "and the first over IPv6" ip netns exec home ping -c 1 -W 3 fd64:2::1
write_home 10.64.1.77/32 1
check "the first goes: the reload succeeds" systemctl reload "$(unit wg home)"
check "and says so" has "$(systemctl show --property=StatusText --value "$(unit wg home)")" "reloaded: 1 peer removed, address −10.64.2.77/32 −fd64:2::77/128"
check "the second is still reached" ip netns exec home ping -c 1 -W 3 10.64.1.1
vpn_stop home

echo "# stopped"
check "it stops" vpn_stop work
check "a reload of what does not run fails" not systemctl reload "$wg"
check "so it does by hand" has "$(stage wg reload work 2>&1)" "the interface is not up; start $wg first"
rm "$work" "$home"

echo "# the old single file"
single=/etc/namespaced-wireguard-vpn/namespaced-wireguard-vpn.conf
provider_config 2 $single NETNS_NAME=single WIREGUARD_NAME=wg-single
systemctl daemon-reload
check "it starts" systemctl restart namespaced-wireguard-vpn.target
echo WIREGUARD_INITIAL_MTU=1300 >>$single
check "its target can be reloaded" systemctl reload namespaced-wireguard-vpn.target
single_mtu_is() { same "$1" "$(mtu -n single wg-single)"; }
check "which does it" within 5 single_mtu_is 1300
rm $single
systemctl stop namespaced-wireguard-vpn.target 'nswg-test-dns*' nswg-test-echo.service
check "nothing is left" within 10 unchanged "$before"
finish
