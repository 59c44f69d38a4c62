#!/bin/bash
# Doing things twice, in the wrong order, or after somebody interfered: what is up stays up or comes up again,
# a stop does not fail, and nothing is left.
# runs-on: container
# limit: 150
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
for n in 1 2; do check "provider $n starts" provider_start "$n"; done
provider_default 1
provider_config 1 work
provider_config 2 home
work=$(config_path work)
netns=$(unit netns work) wg=$(unit wg work) tunnel=$(unit tunnel work) target=$(target work)
saved=/run/nswg-test/work.conf
cp "$work" "$saved"
systemctl daemon-reload
vpn_start work home
vpn_stop work home
before=$(snapshot)

inside=(ip netns exec work)
works() {
  vpn_is_up work && seen_as 10.64.1.2 1 4 "${inside[@]}" && ping -c 1 -W 2 -q \
    "$(ip -n work -o -4 address show dev veth-work1 | grep -oE '10\.127\.[0-9.]+' | head -n 1)"
}
# stops: and nothing has failed, nor is anything left.
stops() { vpn_stop work && within 5 unchanged "$before"; }
namespace() { stat -Lc %i /run/netns/work; }
wireguard_go() { pgrep -f '^wireguard-go -f nswg-'; }
check "works() sees that it is not started" not works

echo "# restart"
vpn_start work
check "an instance works" works
for one in "$tunnel" "$wg" "$netns" "$target"; do
  was=$(namespace)
  check "restart of $one succeeds" systemctl restart "$one"
  check "then all of it is up and works" within 10 works
  check "with one wireguard-go" same 1 "$(wireguard_go | wc -l)"
  [ "$was" != "$(namespace)" ] || echo "# the namespace stayed"
  [ "$was" = "$(namespace)" ] || echo "# the namespace was made anew"
done
check "start of what is started does nothing" systemctl start "$target" "$netns" "$wg" "$tunnel"
check "it stops, and nothing is left" stops
check "stop of what is stopped succeeds" systemctl stop "$target" "$netns" "$wg" "$tunnel"

echo "# the stages by hand"
vpn_start work
for round in 1 2; do
  check "wg up by hand, time $round" stage wg up work
  check "with one wireguard-go" same 1 "$(wireguard_go | wc -l)"
  check "tunnel up by hand, time $round" stage tunnel up work
  check "it works" works
done
check "netns up by hand is refused on the host" not stage netns up work
check "and does no harm" works
check "what was made by hand the units take away" stops
vpn_start work
# traces: what an instance that is up leaves on the network.
traces() { snapshot | grep -E '/netns/work$|^namespace work|veth-work|nswg-'; }
check "while it is up there are traces of it" same "file link mount namespace process" \
  "$(traces | grep -E '^(file|link|mount|namespace|process)' | cut -d ' ' -f 1 | sort -u | xargs)"
for round in 1 2; do
  for one in tunnel wg netns; do check "$one down by hand, time $round" stage "$one" down work; done
done
check "nothing is left on the network" same "" "$(traces)"
check "the units still stop" stops
check "and start" vpn_start work
check "it works" works
rm "$work"
for round in 1 2; do
  for one in tunnel wg netns; do check "$one down without a config, time $round" stage "$one" down work; done
done
cp "$saved" "$work"
check "the units still stop" stops

echo "# somebody kills wireguard-go"
vpn_start work
kill -KILL "$(wireguard_go)"
check "the interface is gone with it" within 5 not ip -n work link show wg-work
check "nothing leads out any more" not provider_sees 1 4 "${inside[@]}"
check "nor to the Internet around it" not http_get "$(internet_address 1 provider)" "${inside[@]}"
echo "# the units say: $(unit_states work)"
check "restart of its unit heals" systemctl restart "$wg"
check "it works" within 10 works
kill -KILL "$(wireguard_go)"
check "killed again: it stops, and nothing is left" stops

echo "# somebody deletes the namespace"
vpn_start work
ip netns delete work
check "the name is gone" not test -e /run/netns/work
for one in wg tunnel; do
  check "$one up by hand fails" not stage "$one" up work
  check "and says why" has "$(stage "$one" up work 2>&1)" \
    "'/run/netns/work' is not the namespace that was made for this VPN any more; somebody deleted or replaced it"
done
check "stop does not fail, and nothing is left" stops
vpn_start work
ip netns delete work
check "restart of the target heals" systemctl restart "$target"
check "it works" within 10 works
ip netns delete work
ip netns add work
ip -n work link add theirs type veth peer name their-peer
check "replaced by another namespace: the stop succeeds" vpn_stop work
check "the other one is untouched" ip -n work link show theirs
ip netns delete work
check "nothing else is left" within 5 unchanged "$before"

echo "# somebody deletes interfaces"
vpn_start work
ip -n work link delete wg-work
check "WireGuard's: restart of its unit heals" systemctl restart "$wg"
check "it works" within 10 works
ip link delete veth-work0
check "the tunnel's: restart of its unit heals" systemctl restart "$tunnel"
check "it works" within 10 works
ip link delete veth-work0
ip -n work link delete wg-work
check "both: the stop succeeds, and nothing is left" stops

echo "# somebody deletes the state"
vpn_start work
rm -r /run/namespaced-wireguard-vpn/work
check "the stop succeeds" vpn_stop work
diff <(echo "$before") <(snapshot) | sed -n 's/^> /# left: /p'
if ! systemctl start "$netns"; then
  check "the next start names the remedy" status_has "$netns" "remove it with 'ip netns delete work'"
  check "the remedy works" ip netns delete work
fi
check "then it starts" within 5 vpn_start work
check "it works" works
check "and stops, and nothing is left" stops

echo "# a stage is killed halfway"
printf '#!/bin/sh\nexec sleep 600\n' >/usr/local/bin/slow-wireguard
chmod 755 /usr/local/bin/slow-wireguard
echo WIREGUARD_USERSPACE=/usr/local/bin/slow-wireguard >>"$work"
systemctl daemon-reload
slow() { pgrep -f '^sleep 600'; }
systemctl start "$netns"
systemctl start --no-block "$wg"
check "it waits for its program" within 5 slow
stage_pid=$(systemctl show -P MainPID "$wg")
[ "$stage_pid" = 0 ] || kill -KILL "$stage_pid"
check "its unit fails" within 5 unit_is failed "$wg"
check "the program is gone" within 5 not slow
systemctl reset-failed "$wg"
/usr/lib/namespaced-wireguard-vpn/nswg-stage wg up work &
by_hand=$!
check "by hand it waits, too" within 5 slow
kill -KILL "$by_hand"
wait "$by_hand" 2>/dev/null
check "the stage is gone" not pgrep -f 'nswg-stage wg up'
check "the program is still there" slow
cp "$saved" "$work"
systemctl daemon-reload
check "the next start succeeds" vpn_start work
check "it works" works
check "the program is gone" not slow
check "it stops, and nothing is left" stops

echo "# two instances at once"
for round in {1..10}; do
  vpn_start work home || break
  vpn_is_up work || break
  vpn_is_up home || break
  vpn_stop work home || break
done
check "ten times started and stopped" same 10 "$round"
check "nothing is left" within 5 unchanged "$before"
vpn_start work home
for round in {1..10}; do
  systemctl stop --no-block "$target" "$(target home)"
  [ $((round % 2)) = 0 ] || sleep "0.0$round"       # let the stop get further, or not
  vpn_start work home || break
done
check "ten times started while it was stopping" same 10 "$round"
check "it works" within 10 works
check "the other one, too" seen_as 10.64.2.2 2 4 ip netns exec home
check "they stop" vpn_stop work home
check "nothing is left" within 5 unchanged "$before"
check "no unit has failed" same "" "$(systemctl list-units --failed --no-legend --plain)"
finish
