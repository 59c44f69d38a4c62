# states.sh: what happens to a VPN, for the cells of matrix.sh; each change with what undoes it.
# shellcheck shell=bash disable=SC2154  # variables of a case, provider.sh, capture.sh and matrix.sh

nothing() { :; }

peer_dead() {
  ip netns exec provider1 nft -f - <<'NFT'
table inet dead {
  chain input {
    type filter hook input priority filter
    udp dport 51820 drop
  }
}
NFT
}
peer_alive() { ip netns exec provider1 nft delete table inet dead; }

# set_key KEY: as private key, in the file and in the interface.
set_key() {
  sed -i "s|^WIREGUARD_PRIVATE_KEY=.*|WIREGUARD_PRIVATE_KEY=$1|" "$vpn_config" && systemctl restart "$vpn_wg_unit"
}
wrong_key() { cp "$vpn_config" "$vpn_config.right" && set_key "$(wg genkey)"; }
right_key() { mv "$vpn_config.right" "$vpn_config" && systemctl restart "$vpn_wg_unit"; }

interface_deleted() { ip -n "$vpn_namespace" link delete "$vpn_link"; }
wg_restarted() { systemctl restart "$vpn_wg_unit"; }
wg_stopped() { systemctl stop "$vpn_wg_unit"; }
wg_started() { systemctl start "$vpn_wg_unit"; }
netns_restarted() { systemctl restart "$vpn_netns_unit"; }

# The host's resolver writes its file anew, and somebody replaces /etc/resolv.conf.
resolvers_changed() { systemctl restart systemd-resolved.service && resolv_conf_file; }
resolvers_back() { resolv_conf_link; }
nscd_started() { systemctl start nscd.service; }
nscd_stopped() { systemctl stop nscd.service; }

config_broken() { cp "$vpn_config" "$vpn_config.good" && echo 'WIREGUARD_ENDPOINT=nothing' >>"$vpn_config" && systemctl daemon-reload; }
config_deleted() { mv "$vpn_config" "$vpn_config.good" && systemctl daemon-reload; }
config_back() { mv "$vpn_config.good" "$vpn_config" && systemctl daemon-reload; }
# It may be refused, but not run bare.
busy_restarted() { systemctl restart "$busy" || ! systemctl --quiet is-active "$busy"; }

# The host forwards for everybody, and answers for every address on the tunnel.
forwarding_on() {
  sysctl --quiet net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 "net.ipv4.conf.$vpn_veth.proxy_arp=1" \
    "net.ipv4.neigh.$vpn_veth.proxy_delay=0" &&
    nft -f - <<'NFT'
table inet router {
  chain postrouting {
    type nat hook postrouting priority srcnat
    oifname "lan0" masquerade
  }
}
NFT
}
forwarding_off() {
  nft delete table inet router
  sysctl --quiet net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0 "net.ipv4.conf.$vpn_veth.proxy_arp=0"
}

# The host calls itself a router on the tunnel, as systemd-networkd does on interfaces that it thinks are its own.
advertising_on() {
  forwarding_on && ip address add 2001:db8:4:1::1/64 dev "$vpn_veth" nodad || return
  systemd-run --quiet --collect --service-type=exec --unit=nswg-test-router dnsmasq --keep-in-foreground --user=root \
    --conf-file=/dev/null --port=0 --leasefile-ro --bind-dynamic --interface="$vpn_veth" --enable-ra \
    --dhcp-range=2001:db8:4:1::,ra-only --ra-param="$vpn_veth,high,4,1800" || return
  # The client's rounds are to begin after an advertisement.
  within 15 advertised "$(stat -c %s "$capture")"
}
advertised() { capture_from "$1" | grep -q "$vpn_veth *Out IP6 fe80::[^ ]* > ff02::1: ICMP6, router advertisement"; }
advertising_off() {
  systemctl stop nswg-test-router.service
  ip address delete 2001:db8:4:1::1/64 dev "$vpn_veth"
  forwarding_off
}
# Both, while there is no other way out.
advertising_alone() { interface_deleted && advertising_on; }
advertising_alone_off() { advertising_off; wg_restarted; }

# The provider sends the client what claims to come from the host's end of the tunnel: answers would go there.
provider_forges() {
  local provider=(ip netns exec provider1) curl=(curl --silent --max-time 1 --noproxy '*' --http0.9) from to
  systemd-run --quiet --collect --service-type=exec --unit=nswg-test-echo-inside \
    --property=NetworkNamespacePath="/run/netns/$vpn_namespace" /usr/lib/nswg-test/echo-answer 4407 || return
  for from in 10.127.0.1 fd99::1; do
    to=10.64.1.2
    [ "$from" = 10.127.0.1 ] || to=fd64:1::2
    "${provider[@]}" ip address add "$from" dev lo
    "${provider[@]}" ping -c 1 -W 1 -I "$from" "$to"
    [ "$to" = 10.64.1.2 ] || to="[$to]"
    "${provider[@]}" "${curl[@]}" --interface "$from" "http://$to:4407/"
    "${provider[@]}" "${curl[@]}" --interface "$from" "tftp://$to:4407/forged"
  done
  # With its own address it does get an answer.
  "${provider[@]}" "${curl[@]}" http://10.64.1.2:4407/ | grep -q '^GET /'
}
forging_ends() {
  ip -n provider1 address delete 10.127.0.1 dev lo && ip -n provider1 address delete fd99::1 dev lo
  systemctl stop nswg-test-echo-inside.service
}

# transmission_prepare: transmission-daemon with a torrent whose trackers are far away, and which looks for
# others in its network, too.
transmission_prepare() {
  local home=/var/lib/transmission-daemon/info
  head -c 20000 /dev/urandom >"$provider_state/payload"
  transmission-create --outfile "$provider_state/payload.torrent" --tracker http://libc000000000000.leak.test:4407/announce \
    --tracker udp://raw000000000000.leak.test:4407 "$provider_state/payload" || return
  install -d -o debian-transmission "$home/torrents"
  install -m 644 "$provider_state/payload.torrent" "$home/torrents/"
  sed -i 's/^{/{ "lpd-enabled": true,/' /etc/transmission-daemon/settings.json
}
# It says what it has to say within a few seconds of its start.
transmission_started() { systemctl restart transmission-daemon.service && sleep 5; }
transmission_stopped() { systemctl stop transmission-daemon.service; }
transmission_alone() { interface_deleted && transmission_started; }
transmission_alone_off() { transmission_stopped; wg_restarted; }
# transmission_outside: not in any VPN.
transmission_outside() {
  systemd-run --quiet --collect --unit=nswg-test-transmission --uid=debian-transmission \
    transmission-daemon --foreground --config-dir /var/lib/transmission-daemon/info && sleep 8
  systemctl stop nswg-test-transmission.service
}

# matrix_all: the cells. Routes that the host has advertised outlive its doing so, hence they are last.
matrix_all() {
  systemctl start "$busy"
  cells_vpn
  # The machine under emulation is slow; what differs there is the kernel's WireGuard.
  if [ "$NSWG_KIND" = container ]; then
    cells_resolvers
    cells_files
    cells_services
  fi
  cells_host
}
cells_vpn() {
  cell "tunnel up" yes nothing
  cell "peer dead" no peer_dead peer_alive
  cell "wrong key" no wrong_key right_key
  cell "interface deleted" no interface_deleted wg_restarted
  cell "wg unit stopped" no wg_stopped wg_started
  cell "netns unit restarted" yes netns_restarted nothing
}
cells_resolvers() {
  cell "resolved restarted, resolv.conf replaced" yes resolvers_changed resolvers_back
  cell "nscd runs" yes nscd_started nscd_stopped
}
cells_files() {
  cell "daemon-reload, config broken" yes config_broken
  cell "… then the service restarted" any busy_restarted config_back
  cell "daemon-reload, config deleted" yes config_deleted
  cell "… then the service restarted" any busy_restarted config_back
}
cells_services() {
  cell "transmission-daemon starts" yes transmission_started transmission_stopped
  cell "… while the interface is deleted" no transmission_alone transmission_alone_off
}
cells_host() {
  cell "host forwards and masquerades" yes forwarding_on forwarding_off
  cell "provider forges the host's address" yes provider_forges forging_ends
  cell "host sends router advertisements" yes advertising_on advertising_off
  cell "… and the interface is deleted" no advertising_alone advertising_alone_off
}
