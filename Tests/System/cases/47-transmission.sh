#!/bin/bash
# The example of the original's README, end to end: transmission-daemon, as Debian installs it, is attached by the
# configuration, controlled from the host over the tunnel and over a published port, and downloads from a peer that
# it learns of from a tracker with a name. Its questions, announcements and its peers' traffic leave by WireGuard only.
# runs-on: container
# limit: 90
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh
# shellcheck source=../lib/leak.sh
. /usr/lib/nswg-test/leak.sh

ip link set lo up
check "the host has a network" lan_start
check "with systemd-resolved, avahi and dnsmasq" resolvers_start
check "provider 1 starts" provider_start 1
# Beyond the provider: a tracker at 198.18.5.5; a peer and the name server at its own address.
far=198.18.5.5
ip -n provider1 address add $far/32 dev lo
run=(systemd-run --quiet --collect --service-type=exec --property=NetworkNamespacePath=/run/netns/provider1)
"${run[@]}" --unit=names dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --no-resolv --no-hosts \
  --listen-address=10.64.1.1 --bind-interfaces --log-queries --log-facility=/run/questions \
  --address=/tracker.example.org/$far
"${run[@]}" --unit=tracker systemd-socket-activate --listen=$far:6969 --accept --inetd /usr/lib/nswg-test/tracker-answer 10.64.1.1 51999
mkdir -p /run/seed/config /run/seed/files
head -c 3000000 /dev/urandom >/run/seed/files/something.iso
transmission-create -p -t http://tracker.example.org:6969/announce -o /run/seed/something.torrent /run/seed/files/something.iso >/dev/null
echo '{"dht-enabled":false,"lpd-enabled":false,"pex-enabled":false,"utp-enabled":true,"rpc-port":9191,"rpc-whitelist-enabled":false,
  "peer-port":51999,"download-dir":"/run/seed/files"}' >/run/seed/config/settings.json
# It would ask the host's resolver for the tracker, through a socket that no namespace confines.
"${run[@]}" --unit=seed --property=InaccessiblePaths=/run/systemd/resolve transmission-daemon --foreground --config-dir /run/seed/config
seed() { ip netns exec provider1 transmission-remote 127.0.0.1:9191 "$@"; }
check "the peer beyond the provider has the file" within 20 seed --add /run/seed/something.torrent
seeds() { has "$(seed --torrent all --info)" "Percent Done: 100%"; }
check "all of it" within 20 seeds

echo "# attach"
cat >/etc/transmission-daemon/settings.json <<'JSON'
{"download-dir": "/var/lib/transmission-daemon/downloads", "rpc-authentication-required": false,
 "rpc-whitelist-enabled": false, "dht-enabled": true, "lpd-enabled": true, "pex-enabled": true, "utp-enabled": true}
JSON
provider_config 1 work ATTACH_UNITS=transmission-daemon.service WIREGUARD_DNS=10.64.1.1 PUBLISH=127.0.0.1:9091
systemctl daemon-reload
check "captures start" captures_start
since=$(capture_position)
check "transmission starts, and the VPN with it" systemctl start transmission-daemon.service
check "it is inside" same "$(namespace_at /run/netns/work)" "$(namespace_of transmission-daemon.service)"
check "the host does not listen on its ports" not grep -E ':(51413) ' <(ss -Htuln)
inner=$(addresses -n work veth-work1)
tunnel=${inner%/*}:9091
for way in "$tunnel" 127.0.0.1:9091; do
  check "transmission-remote reaches it at $way" within 20 transmission-remote "$way" --session-info
done
check "over the tunnel it gets its work" transmission-remote "$tunnel" --add /run/seed/something.torrent
done_by() { has "$(transmission-remote "$1" --torrent all --info)" "Percent Done: 100%"; }
check "over the published port one sees it done" within 60 done_by 127.0.0.1:9091
check "it is the file" cmp /run/seed/files/something.iso /var/lib/transmission-daemon/downloads/something.iso
check "the name server was asked by the VPN's address" grep -q 'query.*tracker.example.org from 10.64.1.2' /run/questions
check "the peer saw the VPN's address" grep -q 'Connection from 10.64.1.2' <(journalctl --sync; journalctl --output=cat --unit=tracker.service)

echo "# what was seen outside"
# Of tracker, peer, names, distributed hash table and local peer discovery; and of inside addresses.
telltale="tracker\.example|198\.18\.5\.5|\.51999[ :]|\.51413[ :]|\.6771[ :]|\.6969[ :]|transmissionbt| 10\.64\.1\."
# seen SINCE: on an interface of the host, but for the encrypted packets.
seen() { captures_settle && capture_from "$1" | grep -E "$telltale"; }
check "many packets of the tunnel" test "$(capture_from "$since" | grep -c '\.51820[ :]')" -gt 100
check "of the rest nothing" same "" "$(seen "$since" | head -n 20)"
echo "# the detector"
before=$(capture_position)
getent hosts tracker.example.org >/dev/null
curl --silent --max-time 1 --noproxy '*' http://$far:6969/ >/dev/null
check "a question of the host's is seen" grep -q tracker.example <(seen "$before")
check "and a connection" grep -q "$far" <(seen "$before")
before=$(capture_position)
systemctl stop transmission-daemon.service
rm /etc/namespaced-wireguard-vpn.d/work.conf
systemctl daemon-reload
vpn_stop work
systemctl daemon-reload
systemctl start transmission-daemon.service
check "without the VPN transmission's own would be" within 30 eval "seen $before | grep -v ' 10\.64\.1\.' | grep -q 'tracker\.example'"
check "no packet was lost to the capture" same 0 "$(captures_stop)"
finish
