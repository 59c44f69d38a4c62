#!/bin/bash
# journalctl -x explains every message of the stages: the catalog that is installed has them all.
# runs-on: container
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
catalog=/usr/lib/systemd/catalog/namespaced-wireguard-vpn.catalog
mapfile -t ids < <(sed -n 's/^-- //p' $catalog)
check "the catalog has entries" test "${#ids[@]}" -ge 10
# The package's trigger does this.
check "the journal takes it" journalctl --update-catalog
# subject ID: what the journal's catalog knows it as.
subject() { journalctl --dump-catalog "$1" | sed -n 's/^Subject: //p'; }
for id in "${ids[@]}"; do
  check "$id" same "$(sed -n "/^-- $id/,/^Subject:/s/^Subject: //p" $catalog)" "$(subject "$id")"
done
check "an entry that is missing is seen" same "" "$(subject 00000000000000000000000000000001 2>/dev/null)"

echo "# beside the messages"
check "provider 1 starts" provider_start 1
provider_config 1 work TUNNEL_ENABLE=no
provider_config 1 broken WIREGUARD_ENDPOINT=192.0.2.2
provider_config 1 foreign NETNS_NAME=provider1
systemctl daemon-reload
vpn_start work
for name in broken foreign nobody; do systemctl start "$(target $name)" 2>/dev/null; done
systemctl reload "$(unit wg work)"
sed -i '$a NETNS_NAME=other' "$(config_path work)"
systemctl reload "$(unit wg work)" 2>/dev/null
systemd-run --quiet --wait --property=SyslogIdentifier=guarded /usr/lib/namespaced-wireguard-vpn/nswg-stage assert work
vpn_stop work
journalctl --sync
# explained NAME SUBJECT PART: journalctl -x shows both for an entry of the instance.
explained() {
  local said
  said=$(journalctl --boot --no-pager --catalog NSWG_INSTANCE="$1") || return
  has "$said" "Subject: $2" && has "$said" "$3"
}
check "up" explained work "Part of a VPN is up" "The wg stage of the VPN work has done all"
check "down" explained work "Part of a VPN is down" "What the wg stage of the VPN work had made"
check "reload" explained work "A running VPN has been given its configuration anew" "The VPN work has what its file says now"
check "a reload that could not do all" explained work "A reload could not change everything" "systemctl daemon-reload"
check "a service outside" explained work "A service was kept from running outside of its VPN" "Restart namespaced-wireguard-vpn@work.target"
check "a faulty file" explained broken "A VPN does not start because of its configuration" "nswg check FILE"
check "a failure" explained foreign "A part of a VPN has failed" "journalctl -b NSWG_INSTANCE=foreign"
check "no file" explained nobody "A VPN does not start because of its configuration" "Mend the file"
if [ "$(wireguard_kind)" = wireguard-go ]; then
  check "a program in the kernel's place" explained work "A program serves WireGuard" "WIREGUARD_USERSPACE= chooses"
fi
# Every message of ours has an id, and each of those is known.
known=" ${ids[*]} "
unknown() {
  local id
  for id in $(journalctl --boot --output=export SYSLOG_IDENTIFIER=nswg-stage | sed -n 's/^MESSAGE_ID=//p' | sort -u); do
    [[ $known == *" $id "* ]] || echo "$id"
  done
}
check "there are messages of many kinds" test "$(journalctl --boot --output=export SYSLOG_IDENTIFIER=nswg-stage |
  sed -n 's/^MESSAGE_ID=//p' | sort -u | wc -l)" -ge 7
check "all of them are explained" same "" "$(unknown)"
finish
