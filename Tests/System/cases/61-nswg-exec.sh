#!/bin/bash
# nswg exec runs a command as an attached service would run: in the namespace, with the VPN's resolver, behind the
# guard; with a terminal or in a pipe, as any user, and with its exit status.
# runs-on: container
# limit: 120
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1
provider_default 1
provider_config 1 work WIREGUARD_DNS=10.64.1.1
systemctl daemon-reload
before=$(snapshot)
# run COMMAND...: in the VPN, its exit status as the last line.
status_of() { "$@" >/dev/null 2>&1; echo $?; }

echo "# while the VPN is down"
check "it refuses" same 125 "$(status_of nswg exec work true)"
check "and says what to do" has "$(nswg exec work true 2>&1)" "is not up; start it with: systemctl start namespaced-wireguard-vpn@work.target"
check "and starts nothing" unit_is inactive "$(unit netns work)" "$(target work)"

vpn_start work
within 10 seen_as 10.64.1.2 1 4 ip netns exec work
inside=$(namespace_at /run/netns/work)
host=$(namespace_at /proc/1/ns/net)
echo "# in a pipe"
check "it is in the namespace" same "net:[$inside]" "$(nswg exec work readlink /proc/self/ns/net)"
check "the host is elsewhere" not same "$inside" "$host"
check "the resolver is the VPN's" has "$(nswg exec work -- cat /etc/resolv.conf)" "nameserver 10.64.1.1"
check "which the host's is not" not grep -q 10.64.1.1 /etc/resolv.conf
check "resolved's sockets are hidden" not nswg exec work -- ls /run/systemd/resolve/io.systemd.Resolve
check "D-Bus, too" same 0 "$(nswg exec work -- stat -c %a /run/dbus/system_bus_socket)"
check "the provider sees the VPN's address" seen_as 10.64.1.2 1 4 nswg exec work --
check "the exit status is the command's" same 7 "$(status_of nswg exec work -- sh -c 'exit 7')"
check "one that systemd has for itself, too" same 203 "$(status_of nswg exec work -- sh -c 'exit 203')"
check "a signal's is 128 and more" same 143 "$(status_of nswg exec work -- sh -c 'kill -TERM $$')"
check "output and errors are apart" same out "$(nswg exec work -- sh -c 'echo out; echo err >&2' 2>/dev/null)"
check "input is passed on" same "5" "$(seq 5 | nswg exec work -- wc -l)"
check "a pipe that closes ends it" timeout 20 sh -c 'nswg exec work -- yes | head -n 1'
check "options of the command are the command's" same "--user x" "$(nswg exec work echo --user x)"
check "a '--' of its own stays" same "-- x" "$(nswg exec work -- echo -- x)"
check "the directory is the caller's" same /usr/lib "$(cd /usr/lib && nswg exec work pwd)"
check "the user is the caller's" same root "$(nswg exec work whoami)"
check "TERM is passed on" same "TERM=vt220" "$(TERM=vt220 nswg exec work env | grep ^TERM=)"
check "other variables are not" not has "$(SECRET=1 nswg exec work env)" SECRET
# shellcheck disable=SC2016  # not to be expanded is the point
check "a dollar is the command's" same "\$HOME \$\$ %n" "$(nswg exec work -- echo '$HOME $$ %n')"
check "no program of that name" same 127 "$(status_of nswg exec work -- no-such-program)"
check "no command" same 64 "$(status_of nswg exec work)"
check "no such VPN" same 125 "$(status_of nswg exec wrok true)"
check "the nearest is suggested" has "$(nswg exec wrok true 2>&1)" "did you mean 'work'?"

echo "# another user"
cd / || exit 1
check "--user" same nobody "$(nswg exec work --user nobody whoami)"
check "inside, too" same "net:[$inside]" "$(nswg exec work --user nobody -- readlink /proc/self/ns/net)"
check "no such user" same 125 "$(status_of nswg exec work --user nemo true)"
check "and says so" has "$(nswg exec work --user nemo true 2>&1)" "there is no user 'nemo'"

check "a directory that the user may not enter" has "$(mkdir -m 700 /run/closed && cd /run/closed && nswg exec work --user nobody true 2>&1)" "may not enter the directory"

echo "# on a terminal"
on_terminal() { script --quiet --return --command "$1" /dev/null </dev/null; }
check "the command has one" has "$(on_terminal 'nswg exec work -- tty')" /dev/pts/
check "in a pipe it has none" has "$(nswg exec work -- tty </dev/null 2>&1)" "not a tty"
check "the size is the caller's" has "$(on_terminal 'stty rows 33 cols 77; nswg exec work -- stty size')" "33 77"
check "the exit status" same 9 "$(status_of on_terminal 'nswg exec work -- sh -c "exit 9"')"
# shellcheck disable=SC2016  # by the inner shell
check "what is typed arrives" has "$( (sleep 2; echo hello; sleep 1) | script --quiet --command 'nswg exec work -- sh -c "read word; echo got \$word"' /dev/null)" "got hello"
check "the caller's terminal is as before" has "$(on_terminal 'nswg exec work true; stty -a')" " icanon"

echo "# interrupted"
nswg exec work sleep 300 &
caller=$!
within 5 pgrep -x sleep
kill -INT $caller
wait $caller
check "it ends with the signal's status" same 130 $?
check "and so has the command" within 5 not pgrep -x sleep

echo "# the namespace goes"
nswg exec work sleep 300 &
caller=$!
check "it shows as attached" within 5 has "$(sleep 1; nswg status work)" "nswg-exec-work-"
systemctl stop "$(unit netns work)"
check "the command ends with it" within 10 not pgrep -x sleep
wait $caller
check "its status is a signal's" same 143 $?
within 10 vpn_is_down work

echo "# the guard"
vpn_start work
# A namespace that is another than the recorded one: the guard's own business.
umount /run/netns/work && mount --bind /proc/1/ns/net /run/netns/work
check "in a namespace that is not the VPN's it does not run" same 125 "$(status_of nswg exec work true)"
umount /run/netns/work
systemctl reset-failed
vpn_stop work
check "no unit is left" same "" "$(systemctl list-units --all --plain --no-legend 'nswg-exec-*')"
rm -f /run/netns/work
check "nothing else is left" within 10 unchanged "$before"
finish
