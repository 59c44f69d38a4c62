#!/bin/bash
# After the machine has slept, the endpoint is looked after at once and not when the timer would have come around.
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
was_run() { [ "$(runs)" -gt "$1" ]; }
handshake() { wg_show work wg-work latest-handshakes | cut -f 2; }
ran=$(runs) last=$(handshake)
sleep 3
check "without sleep nothing looks" same "$ran" "$(runs)"
# Longer than a handshake is good for; the clock that wakes the machine counts seconds.
check "the machine sleeps for 150 s and wakes up" rtcwake --mode freeze --seconds 150
check "then it is looked after at once" within 10 was_run "$ran"
another_handshake() { [ "$(handshake)" -gt "$last" ]; }
check "and there is another handshake" within 20 another_handshake
check "the VPN is up" vpn_is_up work
check "and works" seen_as 10.64.1.2 1 4 ip netns exec work
finish
