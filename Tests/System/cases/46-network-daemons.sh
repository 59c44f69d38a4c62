#!/bin/bash
# systemd-networkd with a file that matches every interface, and NetworkManager, leave the VPN's alone.
# runs-on: vm
# limit: 60
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
# managed LINK, unmanaged LINK: what networkd says of it.
state_of() { networkctl --no-legend list "$1" | awk '{ print $5 }'; }
managed() { not unmanaged "$1" && has "$(networkctl status "$1")" /etc/systemd/network/99-all.network; }
unmanaged() { same unmanaged "$(state_of "$1")"; }
udev_property() { udevadm info --query=property --property="$2" --value "/sys/class/net/$1"; }
mkdir -p /etc/systemd/network
printf '[Match]\nName=*\n[Network]\nAddress=172.29.0.1/24\nLinkLocalAddressing=no\n' >/etc/systemd/network/99-all.network
check "udev runs" systemctl is-active systemd-udevd.service
check "networkd starts" systemctl start systemd-networkd.service
ip link add foreign0 type veth peer name foreign1
check "a pair of somebody else's is taken" within 20 managed foreign0
has_address() { has "$(addresses "$1")" "$2"; }
check "and gets its address" within 20 has_address foreign0 172.29.0.1/24

check "provider 1 starts" provider_start 1
provider_config 1 work TUNNEL_INIT_NAME=odd.name+0 TUNNEL_INIT_IP_ADDRESSES=10.9.0.1/24 TUNNEL_VPN_IP_ADDRESSES=10.9.0.2/24
systemctl daemon-reload
check "the VPN starts" vpn_start work
check "the tunnel's end is left alone, whatever it is called" within 20 unmanaged odd.name+0
check "it has our address and no other" same 10.9.0.1/24 "$(addresses odd.name+0)"
check "NetworkManager is told, too" same 1 "$(udev_property odd.name+0 NM_UNMANAGED)"
check "but not because of us of others" same "" "$(udev_property foreign0 NSWG_INTERFACE)"
check "after a reload of networkd it still is" networkctl reload
check "left alone" within 20 unmanaged odd.name+0
check "the VPN stops" vpn_stop work

echo "# NetworkManager"
systemctl stop systemd-networkd.socket systemd-networkd.service
# It takes to pairs that look like cards.
ip link add eth8 type veth peer name foreign2
ip link set eth8 up && ip link set foreign2 up
check "NetworkManager starts" systemctl start NetworkManager.service
nm_state() { nmcli --terse --fields=DEVICE,STATE device status | sed -n "s/^$1://p"; }
nm_manages() { has "connected connecting disconnected unavailable" "$(nm_state "$1" | grep -oE '^[a-z]+')"; }
check "it takes a pair of somebody else's" within 30 nm_manages eth8
sed -i 's/^TUNNEL_INIT_NAME=.*/TUNNEL_INIT_NAME=eth7/' "$(config_path work)"
systemctl daemon-reload
check "the VPN starts" vpn_start work
nm_leaves() { same unmanaged "$(nm_state eth7)"; }
check "it leaves the tunnel's alone, though that looks like a card" within 20 nm_leaves
check "which has our address and no other" same 10.9.0.1/24 "$(addresses eth7)"
check "the VPN stops" vpn_stop work
finish
