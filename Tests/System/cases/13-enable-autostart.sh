#!/bin/bash
# What starts with the machine: this one has been booted with the files of 13-enable-autostart.tree. Then enabling,
# and what is said about a VPN that has no file, or one that systemd has not read.
# runs-on: container
# also-on: trixie
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh
export SYSTEMD_COLORS=0

echo "# after the boot"
check "the boot went well" same running "$(systemctl is-system-running)"
for name in at-boot packaged enabled; do
  check "$name: it is up" vpn_is_up "$name"
  check "with an interface inside" has "$(links "$name")" "wg-$name"
done
for name in later work masked; do
  check "$name: it is not" states_are "netns=inactive wg=inactive tunnel=inactive target=inactive" "$name"
  check "nor is its namespace there" not test -e "/run/netns/$name"
done
# Those that the boot started were there when it ended.
ended=$(systemctl show --property=ActiveEnterTimestampMonotonic --value multi-user.target)
for name in at-boot packaged enabled; do
  up=$(systemctl show --property=ActiveEnterTimestampMonotonic --value "$(target "$name")")
  check "$name: the boot waited for it" test 0 -lt "$up" -a "$up" -le "$ended"
done
wanted() { systemctl show --property=Wants --value multi-user.target | tr ' ' '\n' | grep ^namespaced | sort | xargs; }
check "multi-user.target wants these and no others" \
  same "$(target at-boot) $(target enabled) $(target packaged)" "$(wanted)"
check "what starts by AUTOSTART= alone can be stopped" vpn_stop at-boot
check "and started" vpn_start at-boot
check "what does not start with the machine starts by hand" vpn_start later
check "it is up" vpn_is_up later

echo "# enable"
wants=/etc/systemd/system/multi-user.target.wants
check "enabled says so" same enabled "$(systemctl is-enabled "$(target enabled)")"
check "work is not enabled" same disabled "$(systemctl is-enabled "$(target work)")"
check "it can be" systemctl enable "$(target work)"
check "then systemctl says so" same enabled "$(systemctl is-enabled "$(target work)")"
check "and the link for the boot is there" same "$(readlink -f "$wants/$(target enabled)")" "$(readlink -f "$wants/$(target work)")"
check "systemd knows it" has "$(wanted)" "$(target work)"
check "enable alone starts nothing" unit_is inactive "$(target work)"
check "enable --now does" systemctl enable --now "$(target work)"
check "it is up" vpn_is_up work
check "it can be disabled" systemctl disable "$(target work)"
check "then the link is gone" not test -L "$wants/$(target work)"
check "and systemctl says so" same disabled "$(systemctl is-enabled "$(target work)")"
check "disable alone stops nothing" vpn_is_up work
check "what starts by AUTOSTART= can be enabled, too" systemctl enable "$(target at-boot)"
check "and disabled" systemctl disable "$(target at-boot)"
check "after which AUTOSTART= counts" has "$(wanted)" "$(target at-boot)"

# refused NAME TEXT: the target does not start, and a user is told TEXT where users look.
refused() {
  local netns
  netns=$(unit netns "$1")
  check "$1: the start fails" not vpn_start "$1"
  check "systemctl status says why" status_has "$netns" "$2"
  check "in its status line, too" has "$(unit_says "$netns" | grep 'Status:')" "$2"
  check "the journal has it under that unit" has "$(journalctl --quiet --output=cat --unit="$netns")" "$2"
  check "no namespace was made" not test -e "/run/netns/$1"
  check "no state, either" not test -e "/run/namespaced-wireguard-vpn/$1"
}

echo "# no file"
refused typo "there is no VPN 'typo': create '$(config_path typo)' and run systemctl daemon-reload"
check "the status names the manual" has "$(unit_says "$(unit netns typo)")" "man:namespaced-wireguard-vpn"
check "a service bound to it does not start" not http_start bare.service typo typo bare
# journald looks for the unit of a process when it reads the message, and then this one has ended.
journald=$(systemctl show --property=MainPID --value systemd-journald.service)
kill -STOP "$journald"
check "while the journal is busy, the start fails, too" not vpn_start typo2
kill -CONT "$journald"
process=$(systemctl show --property=ExecMainPID --value "$(unit netns typo2)")
check "and nothing is lost" status_has "$(unit netns typo2)" "nswg-stage[$process]: there is no VPN 'typo2'"

echo "# a file that systemd has not read"
cp "$(config_path later)" "$(config_path fresh)"
refused fresh "'$(config_path fresh)' is there, but systemd has not read it yet: run systemctl daemon-reload"
systemctl daemon-reload
check "when it has, the VPN starts" vpn_start fresh
check "it is up" vpn_is_up fresh

echo "# a masked file"
refused masked "the VPN 'masked' is masked: '$(config_path masked)' is a link to /dev/null"
vpn_stop fresh
ln -sf /dev/null "$(config_path fresh)"
systemctl daemon-reload
refused fresh "the VPN 'fresh' is masked: '$(config_path fresh)' is a link to /dev/null"
rm "$(config_path masked)"
systemctl daemon-reload
check "unmasked, the file of the package counts" vpn_start masked
check "it is up" vpn_is_up masked
finish
