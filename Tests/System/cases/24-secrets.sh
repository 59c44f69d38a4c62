#!/bin/bash
# A private or preshared key is in no unit, environment, command line, log, status or state file, whatever happens:
# not in base64, not as the hexadecimal digits that wireguard-go gets, not as the numbers of its bytes, nor half of it.
# runs-on: container
# also-on: trixie
# limit: 200
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1
provider_default 1

# Everything that is looked for is in this file: the commands that look must not hold it themselves.
patterns=/run/nswg-test/patterns
# pattern_lines KEY: the forms in which the key, or a piece of it, could be met.
pattern_lines() {
  local hex numbers
  hex=$(base64 -d <<<"$1" | od -An -v -tx1 | tr -d ' \n')
  numbers=$(base64 -d <<<"$1" | od -An -v -tu1 | xargs)
  printf '%s\n' "${1:0:16}" "${1:14:16}" "${1:27:16}" "${hex:0:16}" "${hex:24:16}" "${hex:48:16}"
  cut -d ' ' -f 1-6 <<<"$numbers"
  cut -d ' ' -f 1-6 <<<"$numbers" | sed 's/ /, /g'
}
# look_for KEY...
look_for() {
  local key
  : >"$patterns"
  for key; do pattern_lines "$key" >>"$patterns"; done
}
has_pattern() { grep --quiet --fixed-strings --text --file="$patterns"; }
# found: names the kinds of places where a pattern is. The configuration, the provider's and this test's own files,
# and credentials, into which only root can look, are left out.
found() {
  journalctl --sync
  {
    systemctl show '*' | has_pattern && echo show
    systemctl status --all --full --lines=1000 '*' 2>/dev/null | has_pattern && echo status
    systemctl cat '*' 2>/dev/null | has_pattern && echo cat
    systemd-analyze dump | has_pattern && echo dump
    journalctl --boot --output=export --all | has_pattern && echo journal
    has_pattern </run/testbed/kmsg.log && echo kmsg
    cat /proc/[0-9]*/environ 2>/dev/null | has_pattern && echo environ
    cat /proc/[0-9]*/cmdline /proc/[0-9]*/comm 2>/dev/null | has_pattern && echo cmdline
    ip -details link show | has_pattern && echo link
    find /etc /run /tmp /var /home /root -xdev -type f ! -path '/etc/namespaced-wireguard-vpn*' \
      ! -path '/run/nswg-test/*' ! -path '/run/testbed/*' ! -path '*/log/journal/*' -print0 |
      xargs -0 grep --files-with-matches --fixed-strings --text --file="$patterns" 2>/dev/null |
      cut -d / -f 2 | sort -u
    find / /run -xdev -newer "$patterns.begin" -print | has_pattern && echo names
  } | sort -u | xargs
}
touch "$patterns.begin"

echo "# the search finds what is planted"
planted=$(wg genkey)
look_for "$planted"
check "nothing is found before" same "" "$(found)"
# plant KIND... -- COMMAND...: after COMMAND the search finds just these kinds.
plant() {
  local kinds=()
  while [ "$1" != -- ]; do kinds+=("$1"); shift; done
  shift
  "$@" || return
  same "$(printf '%s\n' "${kinds[@]}" | sort | xargs)" "$(found)"
}
hex=$(base64 -d <<<"$planted" | od -An -v -tx1 | tr -d ' \n')
for place in /run/planted /run/namespaced-wireguard-vpn/planted /tmp/planted /var/planted /etc/planted; do
  mkdir -p "$(dirname $place)"
  echo "key: $planted" >$place
  check "the key in $place" plant "$(cut -d / -f 2 <<<"$place")" -- true
  rm $place
done
echo "private_key=$hex" >/run/planted
check "in hexadecimal" plant run -- true
base64 -d <<<"$planted" | od -An -v -tu1 -w32 | sed 's/^ */[/; s/  */, /g; s/$/]/' >/run/planted
check "as the numbers of its bytes" plant run -- true
echo "${planted:20:24}" >/run/planted
check "half of it" plant run -- true
mv /run/planted "/run/$hex"
check "as a file's name" plant names run -- true
rm "/run/$hex"
PLANTED=$planted sleep 600 &
check "in an environment" plant environ -- sleep 0.1
kill $!
bash -c 'exec -a "$1" sleep 600' - "$planted" &
check "in a command line" plant cmdline status -- sleep 0.1
kill $!
wait
ip link add planted type veth peer name peer
ip link set planted alias "$planted"
check "at a link" plant link -- true
ip link delete planted
printf '[Unit]\nDescription=%s\n[Service]\nRemainAfterExit=yes\nExecStart=/bin/true\n' "$planted" >/run/systemd/system/planted.service
systemctl daemon-reload
check "in a unit" plant cat dump journal run show status -- systemctl start planted.service
systemctl stop planted.service
rm /run/systemd/system/planted.service
systemctl daemon-reload
look_for "$(wg genkey)"
check "nothing is found of another" same "" "$(found)"

echo "# the product's keys"
provider_config 1 work
work=$(config_path work)
saved=/run/nswg-test/work.conf
cp "$work" "$saved"
mapfile -t keys < <(sed -nE 's/^WIREGUARD_(PRIVATE_KEY|VPN_PPRESHARED_KEY)=//p' "$work")
keys+=("$(wg genkey)" "$(wg genkey)")
# One whose private key is in a file, and one where it is an encrypted credential.
mkdir -p /etc/namespaced-wireguard-vpn.keys
(umask 077 && echo "${keys[2]}" >/etc/namespaced-wireguard-vpn.keys/file)
provider_config 1 file '!WIREGUARD_PRIVATE_KEY' WIREGUARD_PRIVATE_KEY_FILE=/etc/namespaced-wireguard-vpn.keys/file \
  WIREGUARD_IP_ADDRESSES=10.64.1.3/32 WIREGUARD_VPN_PPRESHARED_KEY=-
mkdir -p /etc/credstore.encrypted
systemd-creds encrypt --with-key=host --name=private-key - /etc/credstore.encrypted/vpn <<<"${keys[3]}" 2>/dev/null
provider_config 1 credential '!WIREGUARD_PRIVATE_KEY' WIREGUARD_PRIVATE_KEY_CREDENTIAL=vpn \
  WIREGUARD_IP_ADDRESSES=10.64.1.4/32 WIREGUARD_VPN_PPRESHARED_KEY=-
look_for "${keys[@]}"
check "four keys are looked for" same 32 "$(wc -l <$patterns)"
check "the search would find them" has_pattern <"$work"
check "nothing before the first reload" same "" "$(found)"
systemctl daemon-reload
check "the generated units can be read by all" same 644 "$(stat -c %a "/run/systemd/generator/$(unit wg work)")"
check "nothing after it" same "" "$(found)"
check "all three start" vpn_start work file credential
check "the first works" seen_as 10.64.1.2 1 4 ip netns exec work
check "the second has its key" same "$(wg pubkey <<<"${keys[2]}")" "$(wg_show file wg-file public-key)"
check "the third, too" same "$(wg pubkey <<<"${keys[3]}")" "$(wg_show credential wg-credential public-key)"
check "wireguard-go has them" test -S "/run/wireguard/$(printf 'nswg-%x' "$(stat -Lc %i /run/netns/work)").sock"
check "nothing while they are up" same "" "$(found)"

echo "# reload"
# Other keys, as from a provider that renews them; the running VPN gets them without its credentials.
renewed=("$(wg genkey)" "$(wg genpsk)")
look_for "${keys[@]}" "${renewed[@]}"
check "two more keys are looked for" same 48 "$(wc -l <$patterns)"
sed -i -e "s|^WIREGUARD_PRIVATE_KEY=.*|WIREGUARD_PRIVATE_KEY=${renewed[0]}|" \
  -e "s|^WIREGUARD_VPN_PPRESHARED_KEY=.*|WIREGUARD_VPN_PPRESHARED_KEY=${renewed[1]}|" "$work"
check "a reload" systemctl reload "$(unit wg work)"
check "gives it the new key" same "$(wg pubkey <<<"${renewed[0]}")" "$(wg_show work wg-work public-key)"
check "and says that there is one" status_has "$(unit wg work)" "reloaded: "
check "nothing after a reload" same "" "$(found)"
sed -i "s|^WIREGUARD_ENDPOINT=.*|WIREGUARD_ENDPOINT=${renewed[0]}|" "$work"
check "one that fails" not systemctl reload "$(unit wg work)"
check "nothing after that" same "" "$(found)"
cp "$saved" "$work"
check "back to what it was" systemctl reload "$(unit wg work)"
check "the first works again" seen_as 10.64.1.2 1 4 ip netns exec work

echo "# credentials"
credentials=/run/credentials/$(unit wg work)
check "the unit's credential has the key" has_pattern <"$credentials/config"
check "only root may read it" same "400 root" "$(stat -c '%a %U' "$credentials/config")"
check "nor look into its directory" same "500 root" "$(stat -c '%a %U' "$credentials")"
check "where nobody else can" not setpriv --reuid=65534 --regid=65534 --clear-groups cat "$credentials/config"
check "nor into its configuration" not setpriv --reuid=65534 --regid=65534 --clear-groups cat "$work"
check "nor talk to wireguard-go" not setpriv --reuid=65534 --regid=65534 --clear-groups wg show all
check "the state can be read by all" setpriv --reuid=65534 --regid=65534 --clear-groups \
  cat /run/namespaced-wireguard-vpn/work/wg

for one in "$(unit wg work)" "$(target work)"; do systemctl restart "$one"; done
within 10 vpn_is_up work
check "nothing after restarts" same "" "$(found)"
vpn_stop work file credential
check "nothing after the stop" same "" "$(found)"

echo "# starts that fail, and messages"
# with LINE SAID: put a line into the config, reload, start; the start fails and SAID is in the unit's status.
with() {
  vpn_stop work
  { grep -v "^${1%%=*}=" "$saved"; printf '%s\n' "$1"; } >"$work"
  systemctl daemon-reload
  not vpn_start work && { status_has "$(unit netns work)" "$2" || status_has "$(unit wg work)" "$2"; }
}
check "a broken endpoint" with WIREGUARD_ENDPOINT=192.0.2.2 "has no port"
# Nobody resolves it here, so the VPN comes up without.
unresolved() { ! with WIREGUARD_ENDPOINT=nobody.invalid:51820 "" && status_has "$(unit wg work)" "cannot be resolved"; }
check "an endpoint whose name is not resolved" unresolved
check "a bad public key" with "WIREGUARD_VPN_PUBLIC_KEY=${keys[0]::43}" "is a key without its last character"
check "the private key as public key" with "WIREGUARD_VPN_PUBLIC_KEY=${keys[0]}" "same as WIREGUARD_PRIVATE_KEY="
check "our own public key" with "WIREGUARD_VPN_PUBLIC_KEY=$(wg pubkey <<<"${keys[0]}")" "is our own public key"
check "a program that is none" with WIREGUARD_USERSPACE=/bin/false "'/bin/false' ended at once"
check "two private keys" with WIREGUARD_PRIVATE_KEY_FILE=/etc/namespaced-wireguard-vpn.keys/file "second private key"
check "two preshared keys" with "WIREGUARD_PRESHARED_KEY=${keys[2]}" "have different values"
check "nothing after starts that failed" same "" "$(found)"
# Also by hand, where there is no journal.
by_hand() { { generator --dry-run; stage wg up work; stage netns up work; } >/run/nswg-test/output 2>&1; }
by_hand
check "by hand there are messages" has "$(</run/nswg-test/output)" "have different values"
check "without a key" not has_pattern </run/nswg-test/output

# A key in a wrong place, whole or spoilt. It must not look valid there, so it has one '+' at least.
until key=$(wg genkey) && [[ ${key:22:16} == *+* ]]; do :; done
look_for "$key"
number=0
# wrong LINE...: another file with these lines.
wrong() {
  number=$((number + 1))
  { grep -vF "${1%%=*}=" "$saved"; printf '%s\n' "$@"; } >"$(config_path "wrong$number")"
}
rm "$work" "$(config_path file)" "$(config_path credential)"
for name in NETNS_NAME WIREGUARD_{NAME,PRIVATE_KEY_FILE,PRIVATE_KEY_CREDENTIAL,ENDPOINT,ALLOWED_IPS,INITIAL_MTU} \
  WIREGUARD_{IP_ADDRESSES,PERSISTENT_KEEPALIVE,LISTEN_PORT,FWMARK,USERSPACE,PRIVATE_KEY,VPN_PUBLIC_KEY,PRESHARED_KEY} \
  TUNNEL_{ENABLE,INIT_NAME,INIT_IP_ADDRESSES,VPN_NAME,VPN_IP_ADDRESSES} AUTOSTART WIREGUARD_DNS NO_SUCH_KEY; do
  for value in "$key" "${key%=}" "${key:0:20}!${key:21}" "${key:0:23} ${key:23}" "$key:51820" "/$key" "\"$key\" # mine" \
    "$(tr +/ -_ <<<"$key")"; do
    wrong "$name=$value"
  done
done
for line in "$key" "${key%=}=1" "export $key" "PrivateKey = $key" "WIREGUARD_PRIVATE_KEY: $key" "'$key" "[$key]" \
  "WIREGUARD_PRIVATE_KEY=\\" "$key #"; do
  wrong "$line" "$key"
done
systemctl daemon-reload
# files_named: how many of these files the messages on standard input are about.
files_named() { grep -oE 'wrong[0-9]+\.conf' | sort -u | wc -l; }
check "there are messages about most of them" test "$(kernel_log | files_named)" -gt $((number * 9 / 10))
for file in wrong1 wrong33 wrong100 "wrong$number"; do systemctl start "$(target "$file")" 2>/dev/null; done
check "a key in a wrong place: nothing of it anywhere" same "" "$(found)"
by_hand
check "by hand there are as many messages" test "$(files_named </run/nswg-test/output)" -gt $((number * 9 / 10))
check "without a key" not has_pattern </run/nswg-test/output
finish
