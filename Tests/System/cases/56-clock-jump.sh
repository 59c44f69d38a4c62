#!/bin/bash
# When the clock jumps, as it does when a machine wakes up, the endpoint is looked after at once and not when the timer
# would have come around. (An emulated machine sleeps and does not wake up, so somebody sets the clock here.)
# runs-on: vm
# limit: 60
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1
endpoint=namespaced-wireguard-vpn-endpoint@work.service timer=namespaced-wireguard-vpn-endpoint@work.timer
# The timer by itself comes around in a day.
drop_in $timer '[Timer]
OnActiveSec=
OnUnitInactiveSec=
OnActiveSec=1d'
provider_config 1 work WIREGUARD_HEALTH_CHECK=yes
systemctl daemon-reload
check "the online target starts" systemctl start namespaced-wireguard-vpn-online@work.target
check "and a timer" unit_is active $timer
runs() { systemctl show --property=ExecMainStartTimestampMonotonic --value $endpoint; }
handshake() { wg_show work wg-work latest-handshakes | cut -f 2; }
was_run() { [ "$(runs)" -gt "$1" ]; }
ran=$(runs)
sleep 3
check "without sleep nothing looks" same "$ran" "$(runs)"
last=$(handshake)
check "the clock jumps" date --set "+10 min"
check "then the endpoint is looked after at once" within 20 was_run "$ran"
check "successfully" within 20 unit_is inactive $endpoint
check "and a handshake of some seconds ago is not taken for one of ten minutes ago" same "$last" "$(handshake)"
check "the VPN is up" vpn_is_up work
check "and works" seen_as 10.64.1.2 1 4 ip netns exec work
finish
