#!/bin/bash
# A file with a fault is a VPN that visibly fails: its units exist and say what is wrong, at boot and by hand, what is
# attached to it does not start, and no other VPN notices. Two files that want the same thing are both named. And what
# the programs say and return when run by hand. (Files that go while their VPN runs: 35-file-gone.)
# runs-on: container
# also-on: trixie
# limit: 90
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh
export SYSTEMD_COLORS=0
directory=/etc/namespaced-wireguard-vpn.d

# shown NAME TEXT...: every place where a user looks has TEXT: the status of the unit that failed and of the target,
# the journal of both, the kernel's log.
shown() {
  local name=$1 text one
  for text in "${@:2}"; do
    for one in "$(unit netns "$name")" "$(target "$name")"; do
      check "$name: systemctl status ${one#namespaced-wireguard-vpn} shows '${text:0:50}'" status_has "$one" "$text"
      check "the journal, too" has "$(journalctl --quiet --output=cat --unit="$one")" "$text"
    done
    check "and the kernel's log" has "$(kernel_log)" "$text"
  done
}

echo "# after the boot, with the files of 33-broken-visible.tree"
check "the boot does not look well" same degraded "$(systemctl is-system-running)"
for name in boot-environment boot-provider; do
  check "$name has failed" unit_is failed "$(unit netns "$name")"
  check "and is among what systemctl --failed lists" has "$(systemctl --failed --plain --no-legend)" "$(unit netns "$name")"
  check "nothing of it is up" states_are "netns=failed wg=failed tunnel=inactive target=inactive" "$name"
  check "nor is its namespace there" not test -e "/run/netns/$name"
done
shown boot-environment "$directory/boot-environment.conf:4:20: WIREGUARD_ENDPOINT=: '192.0.2.2' has no port"
shown boot-provider "$directory/boot-provider.conf:4:11: Address=: '10.64.1.300/32' " \
  "$directory/boot-provider.conf:11:12: Endpoint=: '192.0.2.2:port' does not end in a port from 1 to 65535"
rm "$directory"/boot-*.conf
systemctl daemon-reload
systemctl reset-failed

echo "# beside others that run"
ip link set lo up
for n in 1 2; do check "provider $n starts" provider_start "$n"; done
provider_default 1
provider_config 1 work NETNS_NAME=office WIREGUARD_LISTEN_PORT=51999 TUNNEL_INIT_NAME=to-office \
  TUNNEL_INIT_IP_ADDRESSES=10.9.0.1/24 TUNNEL_VPN_IP_ADDRESSES=10.9.0.2/24
provider_config 2 other
systemctl daemon-reload
# others: the bytes of every unit file of the two, and each run of each unit.
others() {
  (cd /run/systemd/generator && sha256sum namespaced-wireguard-vpn-*@{work,other}.service && find . -path '*@work*' -o -path '*@other*' | sort)
  systemctl show --property=Id,InvocationID,ActiveState 'namespaced-wireguard-vpn*@work.*' 'namespaced-wireguard-vpn*@other.*'
}
undisturbed() { same "$others" "$(others)" && seen_as 10.64.1.2 1 4 ip netns exec office && seen_as 10.64.2.2 2 4 ip netns exec other; }
check "two start" vpn_start work other
others=$(others)
check "and work" undisturbed
sed -i 's/^WIREGUARD_LISTEN_PORT=51999/&8/' "$(config_path work)"
systemctl daemon-reload
check "had one of them changed, this would be seen" not undisturbed
sed -i 's/^\(WIREGUARD_LISTEN_PORT=51999\)8/\1/' "$(config_path work)"
systemctl daemon-reload
check "as it was it is the same" undisturbed

# A service that is attached to a namespace the way the manual says, and would leave a trace if it ran.
# attach INSTANCE NAMESPACE
attach() {
  printf '[Service]\nType=oneshot\nExecStart=touch /run/has-run\n' >/run/systemd/system/attached.service
  drop_in attached.service "[Unit]
BindsTo=$(unit netns "$1")
After=$(unit netns "$1")
[Service]
NetworkNamespacePath=/run/netns/$2"
  rm -f /run/has-run
}
attach work office
check "a service attached to a VPN that works runs" systemctl start attached.service
check "and leaves its trace" test -e /run/has-run

provider_config 1 zbroken 'WIREGUARD_IP_ADDRESSES=10.64.1.9/99' WIREGUARD_INITIAL_MTU=12
cat >"$directory/zprovider.conf" <<'CONFIG'
[Interface]
PrivateKey = bm90IGEga2V5
Adress = 10.64.1.8/32
[Peer]
AllowedIPs = 0.0.0.0/0
CONFIG
printf '\377\376no text' >"$directory/zbinary.conf"
mkdir "$directory/zdirectory.conf"
ln -s /nonexistent "$directory/zlink.conf"
: >"$directory/zempty.conf"
systemctl daemon-reload
at_once=2000                                    # milliseconds
[ "$NSWG_KIND" = container ] || at_once=20000   # in an emulated machine everything takes its time
broken=(zbroken zprovider zbinary zdirectory zlink zempty)
for name in "${broken[@]}"; do
  for one in "$(unit netns "$name")" "$(unit wg "$name")" "$(unit tunnel "$name")" "$(target "$name")"; do
    check "$one exists" same loaded "$(systemctl show --property=LoadState --value "$one")"
  done
  attach "$name" "$name"
  began=$(date +%s%N)
  check "the target fails" not vpn_start "$name"
  check "at once" test $((($(date +%s%N) - began) / 1000000)) -lt "$at_once"
  for stage in wg tunnel; do check "so does the unit $stage" not systemctl start "$(unit $stage "$name")"; done
  check "an attached service does not start" not systemctl start attached.service
  check "at all" not test -e /run/has-run
done
addresses=$(grep -n '^WIREGUARD_IP' "$(config_path zbroken)" | cut -d : -f 1)
shown zbroken "$(config_path zbroken):$addresses:24: WIREGUARD_IP_ADDRESSES=: '10.64.1.9/99' " \
  "WIREGUARD_INITIAL_MTU=: '12' is not an MTU; allowed: auto, or 576 to 65535"
shown zprovider "$(config_path zprovider):2:14: PrivateKey=: the value is not a key: 12 characters long" \
  "$(config_path zprovider):3:1: unknown key 'Adress' in [Interface], which wg and wg-quick refuse, too; did you mean Address=?" \
  "$(config_path zprovider):4:1: PublicKey= in [Peer] is missing"
shown zbinary "$(config_path zbinary): "
shown zdirectory "$(config_path zdirectory): cannot be read: "
shown zlink "$(config_path zlink): cannot be read: "
shown zempty "$(config_path zempty): WIREGUARD_PRIVATE_KEY= is missing"
check "nobody else has noticed" undisturbed
check "a name without a file fails, too" not vpn_start mullvda
check "and its target says which file is missing" status_has "$(target mullvda)" "create '$(config_path mullvda)' and run systemctl daemon-reload"
check "the kernel's log has no word about the others" not grep -E '/(work|other)\.conf: ' <<<"$(kernel_log)"
(cd "$directory" && rm -r z*.conf)
systemctl daemon-reload
systemctl reset-failed

echo "# two files that want the same"
# place NAME KEY: the line in which the file of NAME has KEY.
place() { echo "$(config_path "$1"):$(grep -n "^$2=" "$(config_path "$1")" | cut -d : -f 1)"; }
# clash WHAT KEY SAID KEY=VALUE...: a later file that wants what work has is refused, naming both places.
clash() {
  local what=$1 key=$2 said=$3
  provider_config 2 zclash WIREGUARD_IP_ADDRESSES=10.64.2.9/32 "${@:4}"
  systemctl daemon-reload
  check "the same $what: refused" not vpn_start zclash
  check "and both places are named" status_has "$(target zclash)" \
    "$(place zclash "$key"):$((${#key} + 2)): $key=: $said of $(place work "$key"), which comes first; allowed: "
  check "the first one is as it was" undisturbed
}
clash namespace NETNS_NAME "'office' is also the namespace" NETNS_NAME=office
clash "interface on the host" TUNNEL_INIT_NAME "'to-office' is also the interface on the host" TUNNEL_INIT_NAME=to-office
clash "listen port" WIREGUARD_LISTEN_PORT "'51999' is also the listen port" WIREGUARD_LISTEN_PORT=51999
clash "network of the tunnel" TUNNEL_INIT_IP_ADDRESSES \
  "'10.9.0.65/30' is in 10.9.0.64/30, which overlaps 10.9.0.0/24, the tunnel's network" \
  TUNNEL_INIT_IP_ADDRESSES=10.9.0.65/30 TUNNEL_VPN_IP_ADDRESSES=10.9.0.66/30
key=$(sed -n 's/^WIREGUARD_PRIVATE_KEY=//p' "$(config_path work)")
provider_config 2 zclash WIREGUARD_IP_ADDRESSES=10.64.2.9/32 "WIREGUARD_PRIVATE_KEY=$key"
systemctl daemon-reload
check "the same private key starts" vpn_start zclash
warning="$(place zclash WIREGUARD_PRIVATE_KEY):23: WIREGUARD_PRIVATE_KEY=: the value is also the private key of $(place work WIREGUARD_PRIVATE_KEY), which comes first;"
check "with a warning that names both places" has "$(kernel_log)" "$warning"
check "nobody else has noticed" undisturbed
vpn_stop zclash
clashing=$(stage check "$(config_path work)" "$(config_path zclash)" 2>&1)
check "nswg-stage check compares the files it is given" has "$clashing" "$warning"
rm "$(config_path zclash)"
systemctl daemon-reload

echo "# by hand"
root=/run/nswg-test/root etc=/run/nswg-test/root$directory
mkdir -p $etc
# exits STATUS COMMAND...
exits() { local expected=$1; shift; "$@" >/run/nswg-test/out 2>/run/nswg-test/err; same "$expected" $?; }
said() { cat /run/nswg-test/out /run/nswg-test/err; }
provider_config 1 $etc/good.conf WIREGUARD_IP_ADDRESSES=10.64.1.7/32
check "check of a good file: 0" exits 0 stage check $etc/good.conf
check "without a word" same "" "$(said)"
check "a dry run of it: 0" exits 0 generator --dry-run --root $root
check "with its units" same 3 "$(grep -c '^# namespaced[^ ]*\.service$' /run/nswg-test/out)"
check "without a message" same "" "$(</run/nswg-test/err)"
check "nothing was written" same "$etc/good.conf" "$(find $root -type f)"
echo 'COLOUR=blue' >>$etc/good.conf
check "check of one with a warning: 1" exits 1 stage check $etc/good.conf
check "with the message" has "$(said)" "$etc/good.conf:7:1: unknown key 'COLOUR'; ignoring it"
check "a dry run of it: 1" exits 1 generator --dry-run --root $root/
check "with the message on standard error" has "$(</run/nswg-test/err)" "$etc/good.conf:7:1: unknown key 'COLOUR'"
printf 'WIREGUARD_ENDPOINT=nowhere\nTUNNEL_ENABLE=perhaps\n' >$etc/bad.conf
chmod 600 $etc/bad.conf
check "check of a bad file: 1" exits 1 stage check $etc/bad.conf
for text in ":1:20: WIREGUARD_ENDPOINT=: 'nowhere' has no port" ":2:15: TUNNEL_ENABLE=: 'perhaps' is neither on nor off" \
  ": WIREGUARD_PRIVATE_KEY= is missing" ": WIREGUARD_VPN_PUBLIC_KEY= is missing" ": WIREGUARD_IP_ADDRESSES= is missing"; do
  check "with the message '${text#*: }'" has "$(said)" "$etc/bad.conf$text"
done
check "also where a service's environment is handed down" has "$(JOURNAL_STREAM=1:2 stage check $etc/bad.conf 2>&1)" "$etc/bad.conf:"
check "a dry run of it: 1" exits 1 generator --dry-run --root $root
check "with units that refuse" same 3 "$(grep -c '^ExecStart=.* refuse bad ' /run/nswg-test/out)"
check "and the good one's" has "$(</run/nswg-test/out)" "nswg-stage wg up good"
check "check of one that is not there: 1" exits 1 stage check $etc/missing.conf
check "with the message" has "$(said)" "$etc/missing.conf: cannot be read: "
for arguments in check 'check --verbose' 'check -'; do
  # shellcheck disable=SC2086  # they are words
  check "nswg-stage $arguments: 2" exits 2 stage $arguments
  check "with the usage" has "$(said)" "usage: nswg-stage"
done
for arguments in '' --dry-run\ a '--root' --help\ a 'a b'; do
  # shellcheck disable=SC2086  # they are words
  check "nswg-systemd-generator $arguments: 2" exits 2 generator $arguments
  check "with the usage" has "$(said)" "usage: nswg-systemd-generator"
done
check "nobody has noticed" undisturbed
check "all stop" vpn_stop work other
finish
