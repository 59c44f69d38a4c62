#!/bin/bash
# A file that is removed, renamed, masked, broken or changed while its VPN runs: after daemon-reload the VPN works on,
# and each way to stop it takes everything away; `stop` needs nothing of what the file said.
# runs-on: container
# also-on: trixie
# limit: 200
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1
provider_default 1
work=$(config_path work) moved=$(config_path moved)
provider_config 1 work NETNS_NAME=office TUNNEL_INIT_NAME=to-office WIREGUARD_NAME=wg0
saved=/run/nswg-test/work.conf
cp "$work" "$saved"
systemctl daemon-reload
vpn_start work && vpn_stop work
before=$(snapshot)
services=("$(unit tunnel work)" "$(unit wg work)" "$(unit netns work)")

# What can happen to a file; each leaves another state that the generator finds.
removed() { rm "$work"; }
renamed() { mv "$work" "$moved"; }
masked() { ln -sf /dev/null "$work"; }
broken() { echo WIREGUARD_INITIAL_MTU=12 >>"$work"; }
other_form_broken() { printf '[Interface]\nPrivateKey = none\n' >"$work"; }
unreadable() { printf 'A=\0\n' >"$work"; }
other_names() {
  sed -i 's/=office/=home/; s/=to-office/=to-home/; s/=wg0/=wg1/; s/^WIREGUARD_ENDPOINT=.*/WIREGUARD_ENDPOINT=192.0.2.77:7/' "$work"
}
without_tunnel() { echo TUNNEL_ENABLE=no >>"$work"; }

# Ways to stop it. Of the services each is stopped by itself, the namespace last or alone.
by_target() { systemctl stop "$(target work)"; }
by_all() { systemctl stop namespaced-wireguard-vpn.target; }
by_namespace() { systemctl stop "$(unit netns work)"; }
by_services() {
  local one
  for one in "${services[@]}"; do
    systemctl stop "$one" && unit_is inactive "$one" || return
  done
}

# is_down: no unit of it is up or has failed, and the machine is as it was.
is_down() { states_are "netns=inactive wg=inactive tunnel=inactive target=inactive" work && unchanged "$before"; }
works() { seen_as 10.64.1.2 1 4 ip netns exec office && ping -c 1 -W 2 "$inner"; }

changes=(removed renamed masked broken other_form_broken unreadable other_names without_tunnel)
# The machine under emulation is slow; what differs there is the kernel's WireGuard, not what the generator finds.
[ "$NSWG_KIND" = container ] || changes=(removed renamed broken)
for change in "${changes[@]}"; do
  for way in by_target by_all by_namespace by_services; do
    echo "# $change, stopped ${way/_/ }"
    check "it starts" vpn_start work
    inner=$(addresses -n office veth-work1)
    inner=${inner%/*}
    check "it works, also through the tunnel to the host" works
    check "and is seen to be there" not is_down
    runs=$(systemctl show --property=InvocationID --value "${services[@]}")
    $change
    systemctl daemon-reload
    check "after the change it works on" works
    check "none of its units was started anew" same "$runs" "$(systemctl show --property=InvocationID --value "${services[@]}")"
    check "it stops" $way
    if [ "$way" = by_services ] || [ "$way" = by_namespace ]; then
      # The target is up for itself as long as nobody stops it.
      within 5 not unit_is active "$(target work)" || systemctl stop "$(target work)"
    fi
    check "nothing is left" within 15 is_down
    check "and nothing has failed" same "" "$(systemctl list-units --failed --no-legend --plain)"
    # What was left must not be in the way of the next check.
    if ! is_down >/dev/null; then
      cp "$saved" "$work"
      systemctl daemon-reload
      vpn_start work
      vpn_stop work
    fi
    rm -f "$moved" "$work"
    cp "$saved" "$work"
    systemctl daemon-reload
  done
done

echo "# after that"
check "it starts" vpn_start work
removed
systemctl daemon-reload
check "a restart of one without a file fails" not systemctl restart "$(target work)"
check "and says which is missing" status_has "$(target work)" "there is no VPN 'work': create '$work'"
check "nothing is left" within 15 states_are "netns=failed wg=inactive tunnel=inactive target=inactive" work
systemctl reset-failed
check "nothing at all" within 15 unchanged "$before"
cp "$saved" "$work"
systemctl daemon-reload
check "it starts" vpn_start work
renamed
systemctl daemon-reload
check "under its new name it waits until the old one is stopped" not vpn_start moved
check "and says why" status_has "$(target moved)" "'/run/netns/office' is there already"
systemctl reset-failed
check "the old one stops" vpn_stop work
check "the new one starts" vpn_start moved
check "and works" seen_as 10.64.1.2 1 4 ip netns exec office
check "and stops" vpn_stop moved
check "nothing is left in the end" within 15 unchanged "$before"
finish
