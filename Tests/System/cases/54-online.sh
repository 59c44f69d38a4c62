#!/bin/bash
# The online target: reached after a real handshake and not before, with a reason where there is none.
# runs-on: container
# also-on: trixie
# limit: 200
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1
work=$(config_path work)
online=namespaced-wireguard-vpn-online@work.service online_target=namespaced-wireguard-vpn-online@work.target
inside=(ip netns exec work)
before=$(snapshot)
handshake() { wg_show work wg-work latest-handshakes | cut -f 2; }
status_text() { systemctl show --property=StatusText --value "$1"; }
has_status() { has "$(status_text "$2")" "$1"; }
# configure [KEY=VALUE | !KEY]...
configure() { provider_config 1 work WIREGUARD_ONLINE_TIMEOUT=9 "$@" && systemctl daemon-reload; }

echo "# the detector: without anything that sends there is no handshake"
configure '!WIREGUARD_VPN_PPRESHARED_KEY'
check "the VPN starts" vpn_start work
check "it has had no handshake" same 0 "$(handshake)"
check "nothing looks after an address" unit_is inactive namespaced-wireguard-vpn-endpoint@work.timer
check "the online target is not up by itself" unit_is inactive $online_target
echo "# with a provider that answers"
check "the online target starts" systemctl start $online_target
check "there was a handshake" test "$(handshake)" -gt 0
check "the status line says with whom" same "handshake with $(provider_endpoint 1)" "$(status_text $online)"
check "the keepalive is off as before" peer_has work wg-work persistent-keepalive off
check "the target of the VPN is up" unit_is active "$(target work)"
systemctl stop $online
check "a second start finds the same handshake" systemctl start $online_target
check "and says how old it is" has "$(status_text $online)" "$(provider_endpoint 1) answers; the last handshake was "
vpn_stop work
check "with the VPN it stops" unit_is inactive $online
check "and so does its target" unit_is inactive $online_target
configure WIREGUARD_PERSISTENT_KEEPALIVE=7
cat >/etc/systemd/system/hasty.service <<UNIT
[Unit]
Requires=$online_target
After=$online_target
[Service]
Type=oneshot
ExecStart=curl --silent --show-error --max-time 3 --output /run/hasty http://10.64.1.1/
NetworkNamespacePath=/run/netns/work
UNIT
systemctl daemon-reload
check "a service after the online target has its network at the first try" systemctl start hasty.service
check "inside the VPN" same 10.64.1.2 "$(</run/hasty)"
check "the keepalive is as configured" peer_has work wg-work persistent-keepalive 7
echo "# stopping and restarting"
systemctl restart "$(unit wg work)"
check "a restart of the interface waits for a new handshake" within 20 unit_is active $online
check "and has it" test "$(handshake)" -gt 0
systemctl stop "$(unit wg work)"
check "without the interface it is down" unit_is inactive $online
vpn_stop work
check "nothing is left" within 10 unchanged "$before"

# fails TEXT: the online target fails and says TEXT, and the VPN itself is up, and as tight as ever.
fails() {
  check "the online target fails" not systemctl start $online_target
  check "systemctl status says why" status_has $online "$1"
  check "so does the status line" has "$(status_text $online)" "$1"
  check "the VPN is up all the same" vpn_is_up work
  check "with a namespace that leads nowhere" not "${inside[@]}" curl --silent --max-time 2 http://10.64.1.1/
  vpn_stop work
  systemctl reset-failed
  check "nothing is left" within 10 unchanged "$before"
}
drop() { ip netns exec provider1 nft add rule inet internet input "$@"; }
echo "# nothing comes back"
drop udp dport 51820 counter drop comment test
configure
systemctl start --no-block $online_target
check "while it waits, the status line says for what" \
  within 15 has_status "provoking a handshake: $(provider_endpoint 1)" $online
fails "no handshake within 9 s: nothing came back from $(provider_endpoint 1): wrong endpoint or port, a firewall on the way, or keys that the provider does not know"
ip netns exec provider1 nft flush chain inet internet input
echo "# a port that nobody listens on"
configure WIREGUARD_ENDPOINT="$(internet_address 1 provider):51999"
fails "$(internet_address 1 provider) says that $(internet_address 1 provider):51999 cannot be reached: wrong address or port, or a firewall"
echo "# the same over IPv6"
configure WIREGUARD_ENDPOINT="[$(internet_address 1 provider 6)]:51999"
fails "$(internet_address 1 provider 6) says that [$(internet_address 1 provider 6)]:51999 cannot be reached: wrong address or port, or a firewall"
echo "# a wrong preshared key"
configure
sed -i "s|^WIREGUARD_VPN_PPRESHARED_KEY=.*|WIREGUARD_VPN_PPRESHARED_KEY=$(wg genpsk)|" "$work"
fails "packets came back from $(provider_endpoint 1), but no handshake: the preshared key is not the one that the provider has"
echo "# a public key that the provider does not have"
configure WIREGUARD_VPN_PUBLIC_KEY="$(wg genkey | wg pubkey)"
fails "nothing came back from $(provider_endpoint 1)"
echo "# no route"
configure WIREGUARD_ENDPOINT=203.0.113.9:51820
fails "there is no route to 203.0.113.9:51820; is the host offline?"
echo "# a name that cannot be resolved"
check "a name server starts" dns_start 1 one.example.org=192.0.2.2
echo "nameserver 192.0.2.2
options timeout:1 attempts:1" >/etc/resolv.conf
systemctl stop nswg-test-dns.service
drop udp dport 53 drop
configure WIREGUARD_ENDPOINT=one.example.org:51820
fails "the endpoint 'one.example.org' cannot be resolved: Temporary failure in name resolution"
echo "# no file"
rm "$work"
systemctl daemon-reload
check "the online target of a name without a file fails" not systemctl start $online_target
check "the VPN's units name the file" status_has "$(unit netns work)" "there is no VPN 'work': create '$work'"
finish
