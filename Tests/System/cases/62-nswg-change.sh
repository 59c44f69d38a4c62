#!/bin/bash
# nswg puts files into place and takes them away, says what a reload would change, and makes VPNs of the original's
# file and of wg-quick's.
# runs-on: container
# limit: 150
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1
provider_default 1
status_of() { "$@" >/dev/null 2>&1; echo $?; }
# provider_file PATH [LINE]: a new client, as providers hand it out; LINE goes into [Interface].
provider_file() {
  local private
  private=$(wg genkey)
  provider_peer 1 "$(wg pubkey <<<"$private")" - 10.64.1.2/32,fd64:1::2/128
  cat >"$1" <<FILE
[Interface]
PrivateKey = $private
Address = 10.64.1.2/32, fd64:1::2/128
DNS = 10.64.1.1
${2:-}
[Peer]
PublicKey = $(ip netns exec provider1 wg show wg-provider1 public-key)
AllowedIPs = 0.0.0.0/0, ::/0
Endpoint = $(provider_endpoint 1)
FILE
}

echo "# add"
provider_file /root/se-sto.conf "PostUp = touch /root/hook-ran"
chmod 644 /root/se-sto.conf
before=$(snapshot)
said=$(nswg add /root/se-sto.conf --name work --start --enable 2>&1)
check "add succeeds" same 0 $?
echo "$said"
path=$(config_path work)
check "the file is there" cmp /root/se-sto.conf "$path"
check "readable by root only" same "600 0" "$(stat -c '%a %u' "$path")"
check "hooks are named" has "$said" "PostUp"
check "and not run" not test -e /root/hook-ran
check "progress is shown" has "$said" "naming the namespace work"
check "to the end" has "$said" "'work' works: there was a handshake"
check "no key is shown" not grep -qF -e "$(sed -n 's/^PrivateKey = //p' "$path")" <<<"$said"
check "it is up" vpn_is_up work
check "with a handshake" not peer_has work wg-work latest-handshakes 0
check "and enabled" same enabled "$(systemctl is-enabled "$(target work)")"
check "the name is taken now" same 1 "$(status_of nswg add /root/se-sto.conf --name work)"
check "a second with the same key is warned of" has "$(nswg add /root/se-sto.conf --name second 2>&1)" "PrivateKey"
check "and not started" vpn_is_down second
check "it can be removed, which is told as JSON" has "$(nswg remove second --yes --json 2>/dev/null | tr -d '\n ')" \
  '"name":"second"'
check "and is gone" not test -e "$(config_path second)"
sed "s|^PublicKey.*|PublicKey = $(wg genkey | wg pubkey)|; s|^PrivateKey.*|PrivateKey = $(wg genkey)|" \
  /root/se-sto.conf >/root/silent.conf
printf '\n[Namespace]\nOnlineTimeout = 5\n' >>/root/silent.conf
said=$(nswg add /root/silent.conf --start 2>&1)
check "a server that does not answer" same 1 $?
check "the VPN is up all the same, and that is said" has "$said" "'silent' is up, but nobody answers: online 'silent': no handshake within 5 s: nothing came back"
check "with what to do" has "$said" "systemctl reload $(unit wg silent)"
check "it is" unit_is active "$(target silent)"
check "and can be removed" nswg remove silent --yes
check "a service that is not there is shown" has "$(printf 'Units = daemno.service\n' |
  cat /root/silent.conf - >/root/typo.conf; nswg add /root/typo.conf 2>/dev/null; nswg status typo)" \
  "daemno.service  not-found  there is no such unit"
nswg remove typo --yes
check "a name that is none" same 64 "$(status_of nswg add /root/se-sto.conf --name 'a b')"
check "no such file" has "$(nswg add /root/nothing.conf 2>&1)" "No such file"
sed 's/^Endpoint.*/Endpoint = nowhere/' /root/se-sto.conf >/root/bad.conf
check "a file with a fault is refused" has "$(nswg add /root/bad.conf 2>&1)" "'nowhere' has no port"
check "and not written" not test -e "$(config_path bad)"

echo "# check"
check "what is in place is good but for the hook" has "$(nswg check)" "PostUp"
check "a faulty file is not" same 1 "$(status_of nswg check /root/bad.conf)"
check "the same words as nswg-stage" has "$(nswg check /root/bad.conf)" "$(stage check /root/bad.conf 2>&1 | grep nowhere | sed 's/^nswg-stage: //')"

echo "# plan"
check "nothing would change" same "nothing would change" "$(nswg plan 2>/dev/null)"
check "so the exit status is 0" same 0 "$(status_of nswg plan)"
sed -i 's/^DNS.*/DNS = 10.64.1.53/; s/^\[Peer\]/MTU = 1400\n[Namespace]\nUnits = plain.service\n[Peer]/' "$path"
provider_config 1 other WIREGUARD_IP_ADDRESSES=10.64.1.7/32
plan=$(nswg plan 2>/dev/null)
check "something would" same 2 "$(status_of nswg plan)"
echo "$plan"
check "a new VPN's units" has "$plan" "+ namespaced-wireguard-vpn-wg@other.service"
check "a drop-in" has "$plan" "+ plain.service.d/50-namespaced-wireguard-vpn.conf"
check "a changed unit, as a difference" has "$plan" "    +Wants=namespaced-wireguard-vpn@other.target"
check "what a reload gives" has "$plan" "MTU 1440→1400"
check "with the unit to reload" has "$plan" "systemctl reload $(unit wg work)"
check "what takes more" has "$plan" "ATTACH_UNITS= -→plain.service plain.socket: restart the services"
check "as JSON" has "$(nswg plan --json 2>/dev/null)" '"path": "namespaced-wireguard-vpn-wg@other.service"'
check "nothing was changed by looking" same 1440 "$(mtu -n work wg-work)"
systemctl daemon-reload
check "after the daemon-reload no unit would change" not has "$(nswg plan 2>/dev/null)" ".service.d"
check "but the VPN that runs would" has "$(nswg plan 2>/dev/null)" "MTU 1440→1400"
systemctl reload "$(unit wg work)"
check "the reload does that" same 1400 "$(mtu -n work wg-work)"
check "after that nothing would change" same "nothing would change" "$(nswg plan 2>/dev/null)"
rm "$(config_path other)"
check "a file that is gone" has "$(nswg plan 2>/dev/null)" "- namespaced-wireguard-vpn-wg@other.service"
systemctl daemon-reload

echo "# remove"
check "it asks, and nobody is there" same 64 "$(status_of nswg remove work </dev/null)"
check "so nothing has changed" vpn_is_up work
check "on a terminal 'n' is no" has "$(script --quiet --command 'nswg remove work' /dev/null <<<n)" "nothing was changed"
mkdir -p /var/cache/namespaced-wireguard-vpn/work
echo "vpn.example.org:1 192.0.2.1:1" >/var/cache/namespaced-wireguard-vpn/work/endpoints
check "--yes" nswg remove work --yes
check "what was remembered of its endpoints is gone" not test -e /var/cache/namespaced-wireguard-vpn/work
check "the file is gone" not test -e "$path"
check "the VPN is down" vpn_is_down work
check "and disabled" not systemctl is-enabled "$(target work)"
check "nothing is left" within 10 unchanged "$before"
check "no such VPN" same 4 "$(status_of nswg remove work --yes)"
check "a mistyped subcommand" has "$(nswg stauts 2>&1)" "did you mean 'status'?"

echo "# migrate"
provider_config 1 /etc/namespaced-wireguard-vpn/namespaced-wireguard-vpn.conf NETNS_NAME=vpn TUNNEL_ENABLE=0 \
  WIREGUARD_IP_ADDRESSES=10.64.1.8/32
mkdir -p /etc/wireguard /etc/systemd/system/daemon.service.d
provider_file /etc/wireguard/home.conf
sed 's/^Endpoint.*//' /etc/wireguard/home.conf >/etc/wireguard/server.conf
printf '[Unit]\nBindsTo=namespaced-wireguard-vpn-netns.service\n' >/etc/systemd/system/daemon.service.d/10-vpn.conf
systemctl enable --quiet wg-quick@home
systemctl daemon-reload
systemctl start namespaced-wireguard-vpn.target
plan=$(nswg migrate)
check "in a pipe it only shows" same 0 $?
echo "$plan"
check "the original's file" has "$plan" "copy it to $(config_path vpn), mode 0600"
check "wg-quick's" has "$plan" "copy it to $(config_path home), mode 0600"
check "what cannot be one" has "$plan" "not /etc/wireguard/server.conf"
check "what is left to people" has "$plan" "in /etc/systemd/system/daemon.service.d/10-vpn.conf: replace namespaced-wireguard-vpn-netns.service by namespaced-wireguard-vpn-netns@vpn.service"
check "and of wg-quick" has "$plan" "systemctl disable --now wg-quick@home.service"
check "nothing is done yet" not test -e "$(config_path vpn)"
check "--yes does it" nswg migrate --yes
check "both are there" same "600 600" "$(stat -c %a "$(config_path vpn)" "$(config_path home)" | xargs)"
check "the old file is not" not test -e /etc/namespaced-wireguard-vpn/namespaced-wireguard-vpn.conf
check "what ran runs again" within 10 vpn_is_up vpn no-tunnel
check "and works" seen_as 10.64.1.8 1 4 nswg exec vpn --
check "there is nothing left to migrate but what is taken" has "$(nswg migrate)" "not /etc/wireguard/home.conf"
vpn_stop vpn
systemctl disable --quiet wg-quick@home
finish
