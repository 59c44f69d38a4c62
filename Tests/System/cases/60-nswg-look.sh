#!/bin/bash
# nswg shows what there is: list, status and diagram, with and without root, on a terminal and in a pipe.
# runs-on: container vm
# limit: 90
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1
provider_default 1
printf '[Service]\nExecStart=sleep infinity\n' >/etc/systemd/system/plain.service
status_of() { "$@" >/dev/null 2>&1; echo $?; }
# on_terminal COMMAND: what it shows on a terminal of 120 columns and 60 lines.
on_terminal() { script --quiet --return --command "stty rows 60 cols 120; $1" /dev/null </dev/null; }
escape=$'\e['

echo "# without any VPN"
check "list succeeds" nswg
check "and says what to do" has "$(nswg 2>&1)" "'nswg add FILE' makes one"
check "as JSON it is an empty list" same "[]" "$(nswg list --json)"

provider_config 1 work ATTACH_UNITS=plain.service WIREGUARD_DNS=10.64.1.1 PUBLISH=127.0.0.1:9091
private=$(sed -n 's/^WIREGUARD_PRIVATE_KEY=//p' "$(config_path work)")
preshared=$(sed -n 's/^WIREGUARD_VPN_PPRESHARED_KEY=//p' "$(config_path work)")
provider_config 1 bad WIREGUARD_ENDPOINT=nowhere WIREGUARD_IP_ADDRESSES=10.64.1.9/32
systemctl daemon-reload
# row NAME: its line of the list, blanks run together.
row() { nswg | tr -s ' ' | grep "^$1 "; }
echo "# down"
check "list has it" same "work down $(provider_endpoint 1) - - - (plain)" "$(row work)"
check "and the one with a fault" same "bad bad file - - - - -" "$(row bad)"
check "status says that it is not up" same 3 "$(status_of nswg status work)"
check "of the other, what is wrong" has "$(nswg status bad)" "'nowhere' has no port"
check "and what to do" has "$(nswg status bad)" "→ mend the file, then: systemctl daemon-reload"
systemctl start "$(target bad)" 2>/dev/null
check "after a start it has failed" has "$(row bad)" "bad failed"
check "no such VPN" same 4 "$(status_of nswg status wrok)"
check "the nearest is suggested" has "$(nswg status wrok 2>&1)" "did you mean 'work'?"

vpn_start work
systemctl start plain.service
within 10 seen_as 10.64.1.2 1 4 ip netns exec work
echo "# up"
nswg
nswg status work
status=$(nswg status work)
check "status succeeds" same 0 "$(status_of nswg status work)"
check "list shows a handshake" grep -qE "^work up $(provider_endpoint 1) [0-9]+s ago [0-9.]+ (Ki)?B [0-9.]+ (Ki)?B plain$" <(row work)
check "so does status" grep -qE '● work - up, handshake [0-9]+s ago' <<<"$status"
inode=$(namespace_at /run/netns/work)
check "the namespace" has "$status" "/run/netns/work  net:[$inode]"
check "the service's process is in it" has "$status" "inside: process $(systemctl show --property=MainPID --value plain.service) is in net:[$inode]"
check "what units say" has "$status" "namespace work is up"
check "our public key" has "$status" "$(public_key "$(config_path work)")"
check "addresses" has "$status" "10.64.1.2/32, fd64:1::2/128"
check "MTUs" has "$status" "$(mtu -n work wg-work), computed, the path takes 1440"
check "routes" has "$status" "0.0.0.0/0 dev wg-work"
check "the end behind them" has "$status" "unreachable ::/0"
check "name servers" grep -qE '^dns: +10.64.1.1$' <<<"$status"
check "the pair" has "$status" "$(addresses veth-work0) on the host"
check "published ports" has "$status" "127.0.0.1:9091 → port 9091 inside  listening"
check "no key is shown" not grep -qF -e "$private" -e "$preshared" <<<"$status$(nswg status work --json)$(nswg list --json)"
check "while there is one" has "$status" "preshared:  a key is set"

echo "# JSON"
json=$(nswg status work --json)
check "the state" has "$json" '"state": "up"'
check "the peer" has "$json" "\"endpoint\": \"$(provider_endpoint 1)\""
check "the service's place" has "$json" '"place": "inside"'

echo "# on a terminal"
check "with colours" has "$(on_terminal 'nswg')" "$escape"
check "without in a pipe" not has "$(nswg)" "$escape"
check "NO_COLOR" not has "$(on_terminal 'NO_COLOR=1 nswg')" "$escape"
check "--color always" has "$(nswg list --color always)" "$escape"
check "--color never" not has "$(on_terminal 'nswg list --color never')" "$escape"
# An emulated machine takes seconds for each.
span=4
[ "$NSWG_KIND" = container ] || span=20
watched=$(on_terminal "timeout --foreground $span nswg status work --watch --interval 1")
check "--watch draws in the same place" test "$(grep -o "${escape//[/\\[}H" <<<"$watched" | wc -l)" -ge 3
check "all of it" has "$watched" "inside: process"
check "in a pipe one below the other" test "$(timeout $span nswg status work --watch --interval 1 | grep -c '^● work')" -ge 3
check "as JSON a line each time" test "$(timeout $span nswg status work --watch --interval 1 --json | grep -c '^{"name":"work"')" -ge 3

echo "# diagram"
diagram=$(nswg diagram work)
echo "$diagram"
check "both namespaces" has "$diagram" '| host' && check "side by side" has "$diagram" '| namespace "work"'
check "real names" has "$diagram" "wg-work (up)"
check "real addresses" has "$diagram" "$(addresses veth-work0)"
check "attached services" has "$diagram" "| plain |"
check "the host's way out" has "$diagram" internet1
nswg diagram work --svg /run/work.svg
check "as a picture" has "$(</run/work.svg)" "<svg xmlns"
check "which is green" has "$(</run/work.svg)" "#1a7f37"
ip -n work link set wg-work down
check "what is down is shown so" has "$(nswg diagram work)" "wg-work (down)"
ip -n work link set wg-work up

echo "# without root"
as_nobody() { setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; }
check "list succeeds" as_nobody nswg
said=$(as_nobody nswg 2>&1)
echo "$said"
check "it knows the VPN" has "$said" "work  up"
check "and says what it could not read" has "$said" "not read: /etc/namespaced-wireguard-vpn.d"
check "and who can" has "$said" "root can read these"
status=$(as_nobody nswg status work)
echo "$status"
check "status, too" has "$status" "what is inside the namespace (setns"
check "but shows the units" has "$status" "namespace work is up"
check "a place that it may not look at is not known" has "$status" "only root may look at process"
check "a leak test is refused" has "$(as_nobody nswg leaktest work 2>&1)" "try again as root"
check "a plan, too" has "$(as_nobody nswg plan 2>&1)" "try again as root"
check "removing, too" has "$(as_nobody nswg remove work --yes 2>&1)" "try again as root"
check "running a command: it did not run" same 125 "$(status_of as_nobody nswg exec work true)"
check "adding, too" has "$(as_nobody nswg add /etc/hostname --name x 2>&1)" "try again as root"

echo "# its file is gone"
mv "$(config_path work)" /run/saved
systemctl daemon-reload
check "it is still there" has "$(nswg status work)" "gone: it can only be stopped"
mv /run/saved "$(config_path work)"
systemctl daemon-reload
vpn_stop work

echo "# completion"
completes() { bash -c '. /usr/share/bash-completion/completions/nswg; shopt -s extglob
  COMP_LINE=$1 COMP_POINT=${#1} COMP_CWORD=$2; read -ra COMP_WORDS <<<"$1"; [ ${#COMP_WORDS[@]} -gt "$2" ] || COMP_WORDS+=("")
  _nswg nswg "${COMP_WORDS[COMP_CWORD]}" "" && echo "${COMPREPLY[*]}"' - "$@"; }
check "of subcommands, in bash" has "$(completes 'nswg lea' 1)" leaktest
check "of options" has "$(completes 'nswg status --wa' 2)" --watch
check "names of VPNs" has "$(completes 'nswg status ' 2)" work
check "zsh has one" test -s /usr/share/zsh/vendor-completions/_nswg
check "fish has one" test -s /usr/share/fish/vendor_completions.d/nswg.fish
finish
