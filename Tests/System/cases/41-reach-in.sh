#!/bin/bash
# Reaching into a namespace, and not out of it: published ports, forwarded ports, the tunnel; name resolution's files
# and filter; what is left of the host's settings after.
# runs-on: container
# also-on: trixie
# limit: 120
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1
provider_default 1
work=$(config_path work)
netns=$(unit netns work)
inside=(ip netns exec work)
configure() { provider_config 1 work "$@" && systemctl daemon-reload; }
curl=(curl --silent --show-error --max-time 3 --noproxy '*')
answers() { same "$1" "$("${curl[@]}" "$2")"; }
answers_lan() { same "$1" "$(ip netns exec lan "${curl[@]}" "$2")"; }
# A LAN beside the Internet, with a neighbour who comes in by it.
ip netns add lan
ip link add lan0 type veth peer name eth0 netns lan
ip link set lan0 addrgenmode none up
ip address add 192.168.7.1/24 dev lan0
ip -n lan link set eth0 up
ip -n lan address add 192.168.7.9/24 dev eth0
cat >/etc/systemd/system/web.service <<'UNIT'
[Service]
Type=exec
ExecStart=systemd-socket-activate --listen=80 --accept --inetd /usr/lib/nswg-test/http-answer web
UNIT
forwarding() { cat "/proc/sys/net/ipv4/conf/$1/forwarding"; }
settings() { forwarding lan0; forwarding internet1; cat /proc/sys/net/ipv4/ip_forward; }
before=$(snapshot)
settings_before=$(settings)

echo "# published, without a tunnel"
configure ATTACH_UNITS=web.service TUNNEL_ENABLE=no "PUBLISH=127.0.0.1:9091:80 192.168.7.1:80 [::1]:9091:80"
check "the VPN starts" vpn_start work
check "and the service" systemctl start web.service
check "nothing is inside but WireGuard" same wg-work "$(links work)"
check "it answers on the host" within 5 answers web http://127.0.0.1:9091/
check "over IPv6, too" answers web 'http://[::1]:9091/'
check "the neighbour reaches it" answers_lan web http://192.168.7.1/
check "the host's own port 80 is not it" not "${curl[@]}" http://127.0.0.1/
proxy=namespaced-wireguard-vpn-publish-127.0.0.1_9091@work.service
check "the proxy runs inside" same "$(namespace_at /run/netns/work)" "$(namespace_of "$proxy")"
check "as nobody in particular" not same 0 "$(ps -o uid= -p "$(systemctl show --property=MainPID --value "$proxy")" | tr -d ' ')"
mv "$work" /run/saved
systemctl daemon-reload
check "with the file gone it answers still" answers web http://127.0.0.1:9091/
check "and stops all the same" vpn_stop work
mv /run/saved "$work"
check "nothing listens any more" not grep -E ':9091 |192.168.7.1:80 ' <(ss -Htln)
check "nothing is left" within 10 unchanged "$before"

echo "# two with the same port"
provider_config 1 zwei "PUBLISH=127.0.0.1:9091"
systemctl daemon-reload
check "the second is refused" not vpn_start zwei
check "and names the first" status_has "$(unit netns zwei)" ":9: PUBLISH=: '127.0.0.1:9091' is also the published address of $work:2, which comes first"
rm "$(config_path zwei)"
systemctl daemon-reload
systemctl reset-failed

echo "# forwarded ports"
configure ATTACH_UNITS=web.service "TUNNEL_PORT_FORWARDS=lan0:80/tcp lan0:8080:80/tcp lan0:53/udp"
check "the VPN starts" vpn_start work
systemctl start web.service
for port in 80 8080; do
  check "the neighbour reaches it by port $port" within 5 answers_lan web "http://192.168.7.1:$port/"
done
check "other ports do not lead there" not ip netns exec lan "${curl[@]}" http://192.168.7.1:81/
check "nor do those of other interfaces" not ip netns exec provider1 "${curl[@]}" "http://$(internet_address 1 host):8080/"
check "the table is ours" has "$(nft list tables)" "table inet namespaced-wireguard-vpn-forward-work"
check "forwarding is on there" same 1 "$(forwarding lan0)"
check "and nowhere else" same "$(sed -n 2,3p <<<"$settings_before")" "$(settings | sed -n 2,3p)"
# Without the rules the neighbour would be routed.
ip -n lan route add default via 192.168.7.1
ip -n provider1 route add 192.168.7.0/24 via "$(internet_address 1 host)"
check "the host does not become the neighbour's router" not ip netns exec lan ping -c 2 -W 1 "$(internet_address 1 provider)"
check "stop" vpn_stop work
systemctl reset-failed
check "nothing is left" within 10 unchanged "$before"
check "the host's settings are as before" same "$settings_before" "$(settings)"
# The detector: with forwarding on and nobody's rules the same ping goes out.
echo 1 >/proc/sys/net/ipv4/conf/lan0/forwarding
echo 1 >/proc/sys/net/ipv4/conf/internet1/forwarding
check "though it could have been" ip netns exec lan ping -c 2 -W 1 "$(internet_address 1 provider)"
echo 0 >/proc/sys/net/ipv4/conf/lan0/forwarding
echo 0 >/proc/sys/net/ipv4/conf/internet1/forwarding
ip -n lan route del default

echo "# two VPNs forward from one interface"
configure TUNNEL_PORT_FORWARDS=lan0:80/tcp
provider_config 1 zwei TUNNEL_PORT_FORWARDS=lan0:81/tcp WIREGUARD_IP_ADDRESSES=10.64.1.3/32
systemctl daemon-reload
check "both start" vpn_start work zwei
check "one stops" vpn_stop work
check "the other's is still on" same 1 "$(forwarding lan0)"
check "the other stops" vpn_stop zwei
check "then it is off" same 0 "$(forwarding lan0)"
rm "$(config_path zwei)"
check "a forward without tunnel is refused" not stage check <(sed 's/^TUNNEL_PORT.*/&\nTUNNEL_ENABLE=no/' "$work")

echo "# replies only"
configure ATTACH_UNITS=web.service TUNNEL_INIT_IP_ADDRESSES=10.9.0.1/24,fd09::1/64 TUNNEL_VPN_IP_ADDRESSES=10.9.0.2/24,fd09::2/64
check "the VPN starts" vpn_start work
systemctl start web.service
check "the host reaches the service" within 5 answers web http://10.9.0.2/
check "over IPv6" within 5 answers web 'http://[fd09::2]/'
for address in 10.9.0.1 fd09::1; do
  check "the namespace does not reach the host at $address" not "${inside[@]}" ping -c 1 -W 1 "$address"
done
"${inside[@]}" nft flush ruleset
check "though without the filter it would" "${inside[@]}" ping -c 1 -W 1 10.9.0.1
check "restart" systemctl restart "$(target work)"
check "no route but the connected ones over the tunnel" same "10.9.0.0/24 table main
fd09::/64 table main" "$(routes work veth-work1)"
check "no link-local address" same "" "$(ip -n work -6 -oneline address show dev veth-work1 scope link)"
check "unreachable behind the tunnel's routes" has "$(ip -n work route show)" "unreachable default proto static metric 4294967295"
check "of both families" has "$(ip -n work -6 route show)" "unreachable default dev lo proto static metric 4294967295"
check "with the interface gone packets end there" ip -n work link delete wg-work
check "at once" has "$("${inside[@]}" ping -c 1 -W 1 192.0.2.2 2>&1)" "No route to host"
vpn_stop work
configure WIREGUARD_IP_ADDRESSES=10.64.1.2/32 TUNNEL_ENABLE=no
vpn_start work
check "without IPv6 in the file there is none" same 1 "$("${inside[@]}" cat /proc/sys/net/ipv6/conf/all/disable_ipv6)"
check "not even on lo" same "" "$(ip -n work -6 -oneline address show)"
vpn_stop work

echo "# name resolution"
printf 'passwd: files\nhosts: files mdns4_minimal [NOTFOUND=return] resolve [!UNAVAIL=return] dns myhostname\n' >/etc/nsswitch.conf
echo "nameserver 192.0.2.2" >/etc/resolv.conf
configure ATTACH_UNITS=web.service "WIREGUARD_DNS=10.64.1.1,fd64:1::1,example.org"
vpn_start work
systemctl start web.service
pid=$(systemctl show --property=MainPID --value web.service)
mine='search example.org
nameserver 10.64.1.1
nameserver fd64:1::1'
content() { grep -v '^#' "$1"; }
check "a service's servers" same "$mine" "$(content "/proc/$pid/root/etc/resolv.conf")"
check "those of ip netns exec" same "$mine" "$("${inside[@]}" cat /etc/resolv.conf | grep -v '^#')"
switch='passwd: files
hosts: files dns myhostname'
check "a service's nsswitch.conf" same "$switch" "$(content "/proc/$pid/root/etc/nsswitch.conf")"
check "that of ip netns exec" same "$switch" "$("${inside[@]}" cat /etc/nsswitch.conf | grep -v '^#')"
check "the host's stay" has "$(cat /etc/resolv.conf /etc/nsswitch.conf)" "resolve [!UNAVAIL=return] dns"
check "no socket of D-Bus" same 0 "$(stat -c %a "/proc/$pid/root/run/dbus/system_bus_socket")"
ask() { "${inside[@]}" timeout 2 bash -c "echo x >/dev/$1/$2/$3"; }
check "the configured server may be asked" ask udp 10.64.1.1 53
for question in "udp 192.0.2.2 53" "udp 192.0.2.2 5353" "udp 10.64.1.1 5355" "udp 224.0.0.251 5353" "udp 2001:db8:1::2 53" "udp 192.0.2.2 853"; do
  # shellcheck disable=SC2086  # three words
  check "$question may not" not ask $question
done
"${inside[@]}" nft flush ruleset
check "but for the filter it could" ask udp 192.0.2.2 53
vpn_stop work
check "the overlay is gone" not test -e /etc/netns/work

echo "# a user's own overlay"
mkdir -p /etc/netns/work
echo "nameserver 10.64.1.1" >/etc/netns/work/resolv.conf
echo "10.9.9.9 mine" >/etc/netns/work/hosts
configure ATTACH_UNITS=web.service WIREGUARD_DNS=192.0.2.9
vpn_start work
systemctl start web.service
pid=$(systemctl show --property=MainPID --value web.service)
check "wins for a service" same "nameserver 10.64.1.1" "$(content "/proc/$pid/root/etc/resolv.conf")"
check "its hosts, too" same "10.9.9.9 mine" "$(cat "/proc/$pid/root/etc/hosts")"
check "and for ip netns exec" same "nameserver 10.64.1.1" "$("${inside[@]}" cat /etc/resolv.conf)"
check "which gets our nsswitch.conf" same "$switch" "$("${inside[@]}" cat /etc/nsswitch.conf | grep -v '^#')"
check "its server may be asked" ask udp 10.64.1.1 53
vpn_stop work
check "it stays as it was" same "hosts resolv.conf" "$(find /etc/netns/work -mindepth 1 -printf '%f\n' | sort | xargs)"
rm -r /etc/netns
check "nothing else is left" within 10 unchanged "$before"
check "the unit of the namespace is not failed" unit_is inactive "$netns"
finish
