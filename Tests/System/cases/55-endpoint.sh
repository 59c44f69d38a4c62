#!/bin/bash
# Endpoints that move: a peer that is silent is looked for anew, rung by rung, and neither the namespace nor what runs
# inside notices. What answered last is remembered.
# runs-on: container
# limit: 260
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
for n in 1 2; do check "provider $n starts" provider_start "$n"; done
# Provider 1 has a second address, where its server can move to.
first=192.0.2.2 second=192.0.2.22
ip -n provider1 address add $second/24 dev uplink
work=$(config_path work) target=$(target work)
endpoint=namespaced-wireguard-vpn-endpoint@work.service timer=namespaced-wireguard-vpn-endpoint@work.timer
inside=(ip netns exec work)
before=$(snapshot)
# name_server NAME=ADDRESS...: what the host's name server says from now on. It is provider 2's: that one stays up.
name_server() {
  systemctl stop nswg-test-dns.service 2>/dev/null
  dns_start 2 "$@"
}
echo "nameserver $(internet_address 2 provider)
options timeout:1 attempts:1" >/etc/resolv.conf
configure() { provider_config 1 work "$@" && systemctl daemon-reload; }
status_text() { systemctl show --property=StatusText --value "$1"; }
has_status() { has "$(status_text "$2")" "$1"; }
peer_at() { peer_has work wg-work endpoints "$1"; }
# Silent at an address, in both directions: the server there is gone.
silence() {
  ip netns exec provider1 nft -f - <<NFT
table inet silence {
  chain input { type filter hook input priority filter; ip daddr $1 udp dport 51820 drop; }
  chain output { type filter hook output priority filter; ip saddr $1 udp sport 51820 drop; }
}
NFT
}
unsilence() { ip netns exec provider1 nft delete table inet silence; }
# later: `nswg-stage endpoint work` as if 200 s had gone by, in a time namespace, time_namespaces(7). WireGuard
# itself knows nothing of that: its session ends by another private key. What is said is in $found.
elapsed=0
later() {
  local key shown=wg-work
  # The present handshake is noted.
  at_elapsed
  elapsed=$((elapsed + 200))
  ! [ -S "/run/wireguard/$(wg_socket_name work).sock" ] || shown=$(wg_socket_name work)
  key=$(sed -n 's/^WIREGUARD_PRIVATE_KEY=//p' "$work")
  "${inside[@]}" wg set "$shown" private-key <(wg genkey)
  "${inside[@]}" wg set "$shown" private-key <(echo "$key")
  found=$(at_elapsed)
}
at_elapsed() { unshare --time --boottime "$elapsed" /usr/lib/namespaced-wireguard-vpn/nswg-stage endpoint work 2>&1; }
said() { journalctl --sync; journalctl --quiet --output=cat --unit=$endpoint; }

echo "# where there is a timer"
configure
vpn_start work
check "none for an address" unit_is inactive $timer
vpn_stop work
configure WIREGUARD_HEALTH_CHECK=yes
vpn_start work
check "one for an address with health checks" unit_is active $timer
vpn_stop work
check "that stops with the VPN" unit_is inactive $timer
name_server one.example.org=$first
configure WIREGUARD_ENDPOINT=one.example.org:51820 ATTACH_UNITS=stream.service
cat >/etc/systemd/system/stream.service <<'UNIT'
[Service]
ExecStart=/usr/lib/nswg-test/stream /run/stream 10.64.1.1 4052
UNIT
systemd-run --quiet --collect --service-type=exec --property=NetworkNamespacePath=/run/netns/provider1 \
  --unit=nswg-test-echo systemd-socket-activate --listen=10.64.1.1:4052 --accept --inetd cat
systemctl daemon-reload
check "the VPN starts" vpn_start work
check "one for a name" unit_is active $timer
drop_in $timer '[Timer]
OnActiveSec=
OnUnitInactiveSec=
OnActiveSec=100ms
OnUnitInactiveSec=300ms
AccuracySec=10ms'
systemctl restart $timer
runs() { systemctl show --property=ExecMainStartTimestampMonotonic --value $endpoint; }
was_run() { [ "$(runs)" -gt "${1:-0}" ]; }
check "it runs" within 10 was_run
ran=$(runs)
check "and runs again" within 10 was_run "$ran"
check "a process without privileges resolves names" unit_is active namespaced-wireguard-vpn-resolve.socket
drop_in_remove $timer
systemctl stop $timer
within 10 unit_is inactive $endpoint
check "with a handshake" within 10 test "$(wg_show work wg-work latest-handshakes | cut -f 2)" -gt 0
check "without filling the journal" not has "$(said)" "Starting"

check "nothing to do: it succeeds" stage endpoint work
questions=$(dns_questions | wc -l)
check "says nothing" same "" "$(stage endpoint work 2>&1)"
check "and asks nobody" same "$questions" "$(dns_questions | wc -l)"
echo "# an old handshake of a server that is there"
later
check "it provokes another" has "$found" \
  "handshake with $first:51820 (one.example.org:51820)"
check "and asks nobody" same "$questions" "$(dns_questions | wc -l)"
echo "# a stream goes through the tunnel"
check "a service starts inside" systemctl start stream.service
pid=$(systemctl show --property=MainPID --value stream.service)
namespace=$(stat --format=%i /run/netns/work)
lines() { cut -d ' ' -f 1 /run/stream; }
further() { [ "$(lines)" -gt "$1" ]; }
# goes_on: the same process, in the same namespace, and its one connection.
goes_on() {
  within 30 further $((${1:-$(lines)} + 5)) && same "$pid" "$(systemctl show --property=MainPID --value stream.service)" &&
    same "$namespace" "$(stat --format=%i /run/netns/work)"
}
check "with a connection" within 10 goes_on 0
echo "# the server moves, and its name with it"
silence $first
name_server one.example.org=$second
# The present session, whose end no handshake has to wait for, goes with the server.
later
check "the peer is found" has "$found" \
  "handshake with $second:51820 (one.example.org:51820), before at $first:51820"
check "WireGuard sends there" peer_at $second:51820
check "the stream goes on" goes_on
check "that is remembered" same "one.example.org:51820 $second:51820" \
  "$(</var/cache/namespaced-wireguard-vpn/work/endpoints)"
echo "# the name has several addresses, and the first ones are dead"
unsilence
silence $second
name_server one.example.org=2001:db8:bad::1 one.example.org=$second one.example.org=$first
later
check "the peer is found" has "$found" \
  "handshake with $first:51820 (one.example.org:51820), before at $second:51820"
check "the stream goes on" goes_on
echo "# something on the way has forgotten the port"
unsilence
port=$(wg_show work wg-work listen-port)
ip netns exec provider1 nft -f - <<NFT
table inet silence {
  chain input { type filter hook input priority filter; udp sport $port drop; }
  chain output { type filter hook output priority filter; udp dport $port drop; }
}
NFT
name_server one.example.org=$first
later
check "the peer is found" has "$found" \
  "handshake with $first:51820 (one.example.org:51820)"
check "from another port" not same "$port" "$(wg_show work wg-work listen-port)"
check "the stream goes on" goes_on
unsilence
echo "# it is nowhere to be found"
silence $first
name_server one.example.org=$first
# In the unit itself: as if the handshake that is noted had been long ago.
stage endpoint work
sed -Ei 's/^(handshake [^ ]+ [^ ]+) .*/\1 0/' /run/namespaced-wireguard-vpn/work/wg
check "the service fails" not systemctl start $endpoint
check "and says why" status_has $endpoint "no handshake: nothing came back from $first:51820"
check "everything else is up" vpn_is_up work
check "the service inside, too" unit_is active stream.service
unsilence
check "and when it is back the service succeeds" systemctl start $endpoint
check "the stream goes on" goes_on

echo "# what answered last is remembered"
vpn_stop work
systemctl stop stream.service
check "nothing is left" within 10 unchanged "$before"
systemctl stop nswg-test-dns.service
ip netns exec provider2 nft add rule inet internet input udp dport 53 drop
check "without a name server the VPN starts" vpn_start work
check "with the address that answered last" peer_at $first:51820
journalctl --sync
check "and says so" status_has "$(unit wg work)" \
  "the endpoint 'one.example.org' cannot be resolved: Temporary failure in name resolution; taking $first:51820, where it last answered"
check "so it works" seen_as 10.64.1.2 1 4 "${inside[@]}"
vpn_stop work
rm -r /var/cache/namespaced-wireguard-vpn/work
check "without that, it starts, too" vpn_start work
check "and says that it has no endpoint yet" has "$(status_text "$(unit wg work)")" \
  "endpoint one.example.org:51820, not resolved yet"
check "none is there" peer_at "(none)"
check "its timer goes on" unit_is active $timer
ip netns exec provider2 nft flush chain inet internet input
name_server one.example.org=$first
check "when the name server is back, the endpoint is found" systemctl start $endpoint
check "and it works" seen_as 10.64.1.2 1 4 "${inside[@]}"
vpn_stop work
echo "# a name server that comes up late"
rm -r /var/cache/namespaced-wireguard-vpn/work
systemctl stop nswg-test-dns.service
ip netns exec provider2 nft add rule inet internet input udp dport 53 drop
systemctl start --no-block "$target"
check "the start waits and says so" within 10 has_status "trying again" "$(unit wg work)"
ip netns exec provider2 nft flush chain inet internet input
name_server one.example.org=$first
check "and goes on by itself" within 20 vpn_is_up work
check "with the address" peer_at $first:51820
vpn_stop work
echo "# a fixed port stays"
configure WIREGUARD_LISTEN_PORT=51999 WIREGUARD_HEALTH_CHECK=yes
silence $first
vpn_start work
check "a search in vain" not systemctl start $endpoint
check "is seen" unit_is failed $endpoint
check "leaves the port" same 51999 "$(wg_show work wg-work listen-port)"
unsilence
check "and later there is a handshake" systemctl start $endpoint
stage endpoint work
silence $first
sed -Ei 's/^(handshake [^ ]+ [^ ]+) .*/\1 0/' /run/namespaced-wireguard-vpn/work/wg
check "another search in vain" not systemctl start $endpoint
# Of which nothing stays, as the last check shows.
vpn_stop work
check "nothing is left in the end" within 10 unchanged "$before"
finish
