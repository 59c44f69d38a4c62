#!/bin/bash
# nswg shows what there is: list, status and diagram, with and without root, on a terminal and in a pipe.
# runs-on: container
# limit: 90
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1
provider_default 1
printf '[Service]\nExecStart=sleep infinity\n' >/etc/systemd/system/plain.service

echo "# without any VPN"
check "list succeeds" nswg
check "and says what to do" has "$(nswg 2>&1)" "'nswg add FILE' makes one"
check "as JSON it is an empty list" same "[]" "$(nswg list --json)"

provider_config 1 work ATTACH_UNITS=plain.service WIREGUARD_DNS=10.64.1.1 PUBLISH=127.0.0.1:9091
provider_config 1 bad WIREGUARD_ENDPOINT=nowhere WIREGUARD_IP_ADDRESSES=10.64.1.9/32
systemctl daemon-reload
echo "# down"
nswg
nswg status work
check "list has both" has "$(nswg | awk '{ print $1, $2 }')" "work down"
check "status says that it is not up" same 3 "$(nswg status work >/dev/null; echo $?)"
check "of the other, what is wrong" has "$(nswg status bad)" "'nowhere' has no port"

vpn_start work
systemctl start plain.service
within 10 seen_as 10.64.1.2 1 4 ip netns exec work
echo "# up"
nswg
nswg status work
check "status succeeds" nswg status work
finish
