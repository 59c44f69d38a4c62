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
ran=$(runs)
sleep 3
check "without sleep nothing looks" same "$ran" "$(runs)"
# All but the last step into the firmware, from which an emulated machine does not wake by itself; the kernel's
# Documentation/power/basic-pm-debugging.rst. Devices and clocks stop and start as they would.
sleeps() {
  echo core >/sys/power/pm_test && echo deep >/sys/power/mem_sleep && echo mem >/sys/power/state
}
check "the machine sleeps and wakes up" sleeps
check "then the endpoint is looked after at once" within 20 was_run "$ran"
check "the VPN is up" vpn_is_up work
check "and works" seen_as 10.64.1.2 1 4 ip netns exec work
finish
