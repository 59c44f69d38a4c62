#!/bin/bash
# systemd takes every line of every unit that comes of any configuration without a word, knows where the unit came
# from, and runs the generator in a sandbox that lets it write nowhere else.
# runs-on: container
# also-on: trixie
# limit: 90
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
check "provider 1 starts" provider_start 1

# Characters that mean something in a unit, in case they get there.
# shellcheck disable=SC2016  # they are to stay as they are
odd='% %n %% $HOME ${HOME} "a" '\''b'\'' \ \n ; # [Service] ExecStart=/bin/false'
provider_config 1 defaults
provider_config 1 full NETNS_NAME=full-ns WIREGUARD_NAME=wg-full WIREGUARD_INITIAL_MTU=1400 TUNNEL_ENABLE=yes \
  WIREGUARD_PERSISTENT_KEEPALIVE=25 WIREGUARD_LISTEN_PORT=51999 WIREGUARD_FWMARK=0x1234 \
  WIREGUARD_USERSPACE=/usr/bin/wireguard-go TUNNEL_INIT_NAME=full0 TUNNEL_INIT_IP_ADDRESSES=10.9.0.1/30,fd99::1/64 \
  TUNNEL_VPN_NAME=full1 TUNNEL_VPN_IP_ADDRESSES=10.9.0.2/30,fd99::2/64 AUTOSTART=yes
provider_config 1 name WIREGUARD_ENDPOINT=vpn.example.org:51820
provider_config 1 no-tunnel TUNNEL_ENABLE=0
provider_config 1 autostart AUTOSTART=1
# shellcheck disable=SC2016
odd_path='/etc/keys/100%$HOME"a".key'
provider_config 1 key-file '!WIREGUARD_PRIVATE_KEY' "WIREGUARD_PRIVATE_KEY_FILE=$odd_path"
provider_config 1 credential '!WIREGUARD_PRIVATE_KEY' WIREGUARD_PRIVATE_KEY_CREDENTIAL=vpn.key
provider_config 1 credential-path '!WIREGUARD_PRIVATE_KEY' WIREGUARD_PRIVATE_KEY_CREDENTIAL=/etc/keys/vpn.key
provider_config 1 broken "WIREGUARD_ENDPOINT=$odd" "NETNS_NAME=$odd" "TUNNEL_ENABLE=$odd"
provider_config 1 "a.b-c_d.$(printf 'e%.0s' {1..192})"
: >/etc/namespaced-wireguard-vpn.d/empty.conf
provider_config 1 /etc/namespaced-wireguard-vpn/namespaced-wireguard-vpn.conf
provider_config 1 /run/namespaced-wireguard-vpn.d/from-run.conf
systemctl daemon-reload
generated=/run/systemd/generator
mapfile -t services < <(find "$generated" -name 'namespaced-wireguard-vpn*.service' -type f | sort)
mapfile -t refusing < <(grep --files-with-matches ' refuse ' "${services[@]}")
check "all files have units" same 13 "$(printf '%s\n' "${services[@]}" | grep -c netns)"
check "two of them units that refuse" same 2 "$(printf '%s\n' "${refusing[@]}" | grep -c netns)"

echo "# systemd-analyze verify"
# verify FILE: prints what systemd has to say about a unit. There is no man in the guest.
verify() { systemd-analyze --man=no verify "$1" 2>&1; }
# spoilt LINE: what verify says about a good unit with one line more in its last section.
spoilt() {
  local copy=/run/nswg-test/spoilt.service
  { cat "$generated/$(unit wg defaults)"; printf '%s\n' "$1"; } >$copy
  verify $copy
}
check "it says nothing of a copy" same "" "$(spoilt '')"
check "it reports an unknown key" has "$(spoilt PrivateNetworks=yes)" "Unknown key 'PrivateNetworks' in section [Service]"
check "a value it cannot read" has "$(spoilt TimeoutStartSec=soon)" "Failed to parse TimeoutStartSec= parameter"
check "a program that is not there" has "$(spoilt ExecStartPre=/usr/lib/missing)" "Command /usr/lib/missing is not executable"
check "a line that is none" has "$(spoilt ExecStart)" "Missing '='"
check "an unbalanced quote" has "$(spoilt 'ExecStartPre=/bin/true "a')" "Unbalanced quoting"
for file in "${services[@]}"; do
  check "nothing to say about ${file##*/namespaced-wireguard-vpn-}" same "" "$(verify "$file")"
done
for file in /lib/systemd/system/namespaced-wireguard-vpn*; do
  check "nothing to say about the packaged ${file##*/}" same "" "$(verify "$file")"
done
check "the journal has no complaint of systemd either" \
  same "" "$(journalctl --sync; journalctl -b -o cat _PID=1 | grep -E '/run/systemd/generator/.*namespaced' )"
echo 'Bogus=1' >>"$generated/$(unit wg defaults)"
cp "$generated/$(unit wg defaults)" /run/systemd/system/bogus.service
systemctl daemon-reload
systemctl cat bogus.service >/dev/null
check "where a complaint would be found" has "$(journalctl --sync; journalctl -b -o cat _PID=1)" "Unknown key 'Bogus'"
rm /run/systemd/system/bogus.service
systemctl daemon-reload

echo "# where a unit came from"
# property UNIT NAME
property() { systemctl show --property="$2" --value "$1"; }
for name in defaults broken from-run; do
  path=$(config_path $name)
  [ $name != from-run ] || path=/run/namespaced-wireguard-vpn.d/from-run.conf
  for stage in netns wg tunnel; do
    one=$(unit $stage $name)
    check "$one: its file" same "$path" "$(property "$one" SourcePath)"
    check "its unit file" same "$generated/$one" "$(property "$one" FragmentPath)"
    check "its manual page" same '"man:namespaced-wireguard-vpn.conf(5)"' "$(property "$one" Documentation | sed 's/^[^"]*$/"&"/')"
  done
done
check "the old single file's" same /etc/namespaced-wireguard-vpn/namespaced-wireguard-vpn.conf \
  "$(property namespaced-wireguard-vpn-interface.service SourcePath)"
check "which systemctl status shows" has "$(systemctl status --no-pager "$(unit wg defaults)")" "$(config_path defaults); generated"
vpn_start defaults                              # what is not loaded is read anew for every question
check "systemd has read it" same no "$(property "$(unit wg defaults)" NeedDaemonReload)"
sleep 1
touch "$(config_path defaults)"
check "once it is edited, systemd asks for a reload" same yes "$(property "$(unit wg defaults)" NeedDaemonReload)"
vpn_stop defaults
for page in namespaced-wireguard-vpn.conf.5 namespaced-wireguard-vpn.7; do
  check "the manual page $page is installed" test -s "/usr/share/man/man${page##*.}/$page"
done

echo "# values stay values"
check "no value became a specifier" not grep -E 'full|[^%]%[^%]' \
  <<<"$(grep -h ^ExecStart= "${refusing[@]}" | sed 's/%%//g')"
check "no value became a setting" same "[Service] [Unit]" "$(grep -h '^\[' "${refusing[@]}" | sort -u | xargs)"
check "a refusal fails" not vpn_start broken
check "and says what the file has as it has it" status_has "$(unit netns broken)" "'% %n %% \$HOME \${HOME} \"a\" 'b'"
mkdir -p /etc/keys
(umask 077 && wg genkey >"$odd_path")
check "a path with odd characters: its key is read" vpn_start key-file
check "and set" same "$(wg pubkey <"$odd_path")" "$(wg_show key-file wg-key-file public-key)"
vpn_stop key-file

echo "# the sandbox of systemd 253 and later"
out=/run/nswg-test/out
# sandboxed COMMAND...: nothing but $out can be written, and the manager's variables are set.
sandboxed() {
  rm -rf $out && mkdir -p $out/{normal,early,late}
  systemd-run --quiet --wait --pipe --collect --property=ProtectSystem=strict --property=PrivateTmp=yes \
    --property=ReadWritePaths=$out --setenv=SYSTEMD_SCOPE=system "$@"
}
# units_in DIR: every file and link of ours with what is in it.
units_in() { (cd "$1" && find . -path '*namespaced*' \( -type f -exec sha256sum {} + -o -type l -printf '%p -> %l\n' \) | sort); }
check "the sandbox refuses what it should" not sandboxed touch /run/planted
check "and what it should not it does not" sandboxed touch $out/planted
sandboxed /usr/lib/systemd/system-generators/nswg-systemd-generator $out/{normal,early,late}
systemctl daemon-reload
check "there are units to compare" test "$(units_in $generated | wc -l)" -gt 50
check "in the sandbox come the same units" same "$(units_in $generated)" "$(units_in $out/normal)"
check "and none in the other two directories" same "" "$(find $out/early $out/late -mindepth 1)"
check "a third time the same" same "$(units_in $generated)" "$(generator $out/early 2>/dev/null; units_in $out/early)"
check "in the initrd it does nothing" sandboxed env SYSTEMD_IN_INITRD=1 \
  /usr/lib/systemd/system-generators/nswg-systemd-generator $out/{normal,early,late}
check "nothing at all" same "" "$(find $out -mindepth 2)"

echo "# files to units, and nothing else"
rm -rf $out && mkdir $out
# traced COMMAND...: prints the system calls by which it starts, connects or changes something.
traced() {
  strace -f -y -qq -o /run/nswg-test/trace -e trace=%process,%network,%file,mount "$@" >/dev/null 2>&1
  sed -E 's/^[0-9]+ +//' /run/nswg-test/trace |
    grep -E '^(v?fork|clone|clone3|execve|socket|connect|mount|mkdir|symlink|link|unlink|rename|rmdir|chmod|open.*O_(WRONLY|RDWR|CREAT))'
}
check "the trace shows a process, a socket and a file" same "clone execve openat socket" \
  "$(traced sh -c 'true | true; curl --max-time 1 http://127.0.0.1:9/; : >/run/nswg-test/planted' |
    grep -oE '^(clone|execve|socket)|^openat.*planted' | cut -d '(' -f 1 | sort -u | xargs)"
calls=$(traced env SYSTEMD_SCOPE=system /usr/lib/systemd/system-generators/nswg-systemd-generator $out |
  sed '1,/nswg-systemd-generator/d')
check "the generator writes files" has "$calls" "<$out>, \"$(unit wg defaults)\", O_WRONLY|O_CREAT"
check "into its directory and the kernel's log and nowhere else" same "" \
  "$(grep -vE "^(openat|mkdirat|symlinkat)\((\"[^\"]*\", )?[0-9]+<$out>, \"[^./]|^openat.*\"/dev/kmsg\"" <<<"$calls")"
finish
