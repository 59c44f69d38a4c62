# lan.sh: a network for the host, and all that resolves names on it.
#
#   host: lan0  192.168.64.2/24, fd77::2/64 -- port  192.168.64.1/24, fd77::1/64 :lan
#
# The namespace `lan` is the host's router, its name server, and the Internet behind it: a leak finds its way out
# there, and is answered.
# shellcheck shell=bash disable=SC2154  # variables of provider.sh

lan_host=192.168.64.2 lan_host_6=fd77::2 lan_router=192.168.64.1 lan_router_6=fd77::1

# answers_everything NAMESPACE: it answers ICMP, TCP and UDP on port 4407 and questions for names, whatever address
# they are for. A provider (provider.sh) then answers what comes through its tunnel.
answers_everything() {
  local inside=(ip netns exec "$1") run=(systemd-run --quiet --collect --property="NetworkNamespacePath=/run/netns/$1")
  "${inside[@]}" ip -4 route add local default dev lo table main
  "${inside[@]}" ip -6 route add local default dev lo table main
  # Answers to UDP come from the address that was asked.
  "${inside[@]}" nft -f - <<'NFT'
table inet answers {
  chain prerouting {
    type nat hook prerouting priority dstnat
    udp dport 4407 redirect
  }
}
NFT
  mkdir -p "$provider_state"
  "${run[@]}" --service-type=exec --unit="nswg-test-echo-$1" /usr/lib/nswg-test/echo-answer 4407
  "${run[@]}" --service-type=exec --unit="nswg-test-names-$1" dnsmasq --keep-in-foreground --conf-file=/dev/null \
    --user=root --no-resolv --no-hosts --address=/#/198.18.78.80 --address=/#/2001:db8:78::80 --log-queries \
    --log-facility="$provider_state/questions-$1"
}

# lan_start: the host's network.
lan_start() {
  ip netns add lan || return
  ip -n lan link set lo up
  ip link add lan0 type veth peer name port netns lan
  ip link set lan0 addrgenmode none up
  ip -n lan link set port addrgenmode none up
  ip address add "$lan_host/24" dev lan0
  ip address add "$lan_host_6/64" dev lan0 nodad
  ip -n lan address add "$lan_router/24" dev port
  ip -n lan address add "$lan_router_6/64" dev port nodad
  ip route replace default via "$lan_router"
  ip -6 route replace default via "$lan_router_6"
  # A connection that nobody wants any more is to be quiet soon.
  ip netns exec lan sysctl --quiet net.ipv4.tcp_synack_retries=1
  # Who comes by way of the host under an address of his own is answered, too.
  ip -n lan route add 10.0.0.0/8 via "$lan_host"
  ip -n lan -6 route add fd99::/16 via "$lan_host_6"
  answers_everything lan
}

# resolvers_start: systemd-resolved, avahi, and dnsmasq on every other address of the host; they ask the LAN.
resolvers_start() {
  mkdir -p /etc/systemd/resolved.conf.d
  cat >/etc/systemd/resolved.conf.d/test.conf <<CONF
[Resolve]
DNS=$lan_router
LLMNR=yes
MulticastDNS=no
CONF
  sed -i 's/^hosts:.*/hosts: files mdns4_minimal [NOTFOUND=return] resolve [!UNAVAIL=return] dns/' /etc/nsswitch.conf
  systemctl start systemd-resolved.service avahi-daemon.service || return
  resolv_conf_link
  # bind-dynamic: on the ends of tunnels that are still to come, too.
  systemd-run --quiet --collect --service-type=exec --unit=nswg-test-names-host dnsmasq --keep-in-foreground \
    --conf-file=/dev/null --user=root --no-resolv --no-hosts --bind-dynamic --server="$lan_router" --cache-size=0
}

# resolv_conf_link: the host's resolv.conf as systemd-resolved wants it; resolv_conf_file: as DHCP clients write it.
resolv_conf_link() {
  ln -s /run/systemd/resolve/stub-resolv.conf /etc/resolv.conf.new && mv -T /etc/resolv.conf.new /etc/resolv.conf
}
resolv_conf_file() {
  echo "nameserver $lan_router" >/etc/resolv.conf.new && mv -T /etc/resolv.conf.new /etc/resolv.conf
}
