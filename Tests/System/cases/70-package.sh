#!/bin/bash
# The Debian package: installed with dpkg, a file dropped, run, upgraded while a connection is open, removed, purged.
# runs-on: container
# limit: 120
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
package=$(echo /usr/lib/nswg-test/packages/*.deb)
if [ ! -f "$package" ]; then
  check "make deb has made a package" false
  finish
fi
work=/run/nswg-test/package
mkdir -p $work
# What the testbed has installed without a package goes first.
mapfile -t shipped < <(dpkg-deb --contents "$package" | sed -nE 's|^-.* \./|/|p' | grep -v '^/usr/share/\(doc\|lintian\)/' | sed '/\/man\//s/\.gz$//')
check "the package has programs, units and pages" test "${#shipped[@]}" -gt 12
rm -rf -- "${shipped[@]}" /etc/namespaced-wireguard-vpn.d
systemctl daemon-reload
check "nothing of ours is there any more" not systemctl cat "$(unit netns work)"
# left: which of the shipped files are there. The testbed's dpkg leaves out manual pages.
left() { for file in "${shipped[@]}"; do [ ! -e "$file" ] || echo "$file"; done; }

echo "# installed"
check "dpkg installs it, with all it depends on" dpkg --install "$package"
check "its files are there" same "$(printf '%s\n' "${shipped[@]}" | grep -v /share/man/)" "$(left | grep -v /share/man/)"
check "keys go where only root looks" same "700 root 600" \
  "$(stat -c '%a %U' /etc/namespaced-wireguard-vpn.d) $(stat -c %a /etc/namespaced-wireguard-vpn.d/example.conf.sample)"
check "nothing runs" same "" "$(systemctl list-units --plain --no-legend --state=active 'namespaced-wireguard-vpn*')"
check "the journal knows its messages" test -n "$(journalctl --dump-catalog 7c1f6f0e6c2d4c7f8e4b0c9a1d5e3fb3)"
check "provider 1 starts" provider_start 1
before=$(snapshot)
provider_config 1 work ATTACH_UNITS=transmission-daemon.service
systemctl daemon-reload
check "a dropped file can be enabled and started" systemctl enable --now "$(target work)"
check "and works" seen_as 10.64.1.2 1 4 ip netns exec work

echo "# upgraded while it runs"
dpkg-deb --raw-extract "$package" $work/newer
sed -i 's/^Version: .*/&+test/' $work/newer/DEBIAN/control
# Another file, so that the program is replaced for sure.
printf x >>$work/newer/usr/lib/namespaced-wireguard-vpn/nswg-stage
dpkg-deb --build --root-owner-group $work/newer $work/newer.deb >/dev/null
# identity: what must not change.
identity() {
  stat -L -c %i /run/netns/work
  ip -n work -oneline link show | sed 's/ .*\(mtu [0-9]*\).*/ \1/'
  ip -n work -json link show dev wg-work | grep -o '"ifindex":[0-9]*'
  systemctl show --property=InvocationID,ActiveEnterTimestampMonotonic "$(unit netns work)" "$(unit wg work)" "$(unit tunnel work)" "$(target work)"
}
identity=$(identity)
ip netns exec work ping -i 0.1 -W 1 10.64.1.1 >$work/ping 2>&1 &
ping=$!
sleep 1
program=$(stat -c %i /usr/lib/namespaced-wireguard-vpn/nswg-stage)
check "a newer one is installed over it" dpkg --install $work/newer.deb
check "it is another program" not test "$program" = "$(stat -c %i /usr/lib/namespaced-wireguard-vpn/nswg-stage)"
sleep 1
kill -INT $ping
wait $ping
check "namespace, interface and units are the same" same "$identity" "$(identity)"
check "no packet was lost" grep -Eq '([2-9]|[0-9]{2,}) packets transmitted.* 0% packet loss' $work/ping
check "it works" seen_as 10.64.1.2 1 4 ip netns exec work
check "its file is as it was" test -s "$(config_path work)"
check "reload by the new program" systemctl reload "$(unit wg work)"
systemctl restart "$(target work)"
check "restart, too" within 10 seen_as 10.64.1.2 1 4 ip netns exec work

echo "# removed"
systemctl start transmission-daemon.service
check "a service runs inside" same "$(stat -L -c %i /run/netns/work)" \
  "$(stat -L -c %i "/proc/$(systemctl show --property=MainPID --value transmission-daemon.service)/ns/net")"
output=$(dpkg --remove namespaced-wireguard-vpn 2>&1)
check "it is removed" test ! -e /usr/lib/namespaced-wireguard-vpn/nswg-stage
check "the VPN is down" test ! -e /run/netns/work
check "and says nothing" same "" "$(systemctl list-units --plain --no-legend --state=active,failed 'namespaced-wireguard-vpn*')"
check "its service does not go on" not systemctl is-active transmission-daemon.service
check "whoever removes it is told" has "$output" "From now on transmission-daemon.service would start outside of any VPN."
check "the file of the VPN is still there" test -s "$(config_path work)"
check "with the sample" test -s /etc/namespaced-wireguard-vpn.d/example.conf.sample
check "installed again" dpkg --install "$package"
check "it starts as before" systemctl start "$(target work)"
check "and works" seen_as 10.64.1.2 1 4 ip netns exec work

echo "# purged"
check "purged while it runs" dpkg --purge namespaced-wireguard-vpn
check "the VPN is down" test ! -e /run/netns/work
check "nothing that was shipped is left" same "" "$(left)"
check "nor what was enabled" same "" "$(find /etc/systemd -name '*namespaced-wireguard-vpn*')"
check "but the file with the key, which nobody can make again" same "$(config_path work)" \
  "$(find /etc/namespaced-wireguard-vpn.d -type f)"
rm -r /etc/namespaced-wireguard-vpn.d
check "dpkg knows nothing of it" not dpkg --status namespaced-wireguard-vpn
check "nothing is left in the end" within 10 unchanged "$before"
finish
