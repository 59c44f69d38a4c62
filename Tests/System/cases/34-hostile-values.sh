#!/bin/bash
# No value and no file name can put a directive into a unit. Every hostile value goes into every key of both forms,
# alone in a file that is good otherwise, and into NSWG_RANDOM (150) files of each form
# with several at random, seeded by NSWG_SEED.
# Then systemd itself says what it has read: of each unit every property but those that we mean is that of a harmless
# file's unit, the arguments of the command are our messages word by word, and nothing but our stage has run.
# runs-on: container
# limit: 450
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

directory=/etc/namespaced-wireguard-vpn.d generated=/run/systemd/generator work=/run/nswg-test
mkdir -p $directory $work
umask 077
seed=${NSWG_SEED:-1} random=${NSWG_RANDOM:-150}
RANDOM=$seed
private=$(wg genkey) public=$(wg genkey | wg pubkey)

environment_keys=(NETNS_NAME WIREGUARD_{NAME,PRIVATE_KEY,PRIVATE_KEY_FILE,PRIVATE_KEY_CREDENTIAL,ENDPOINT,VPN_PUBLIC_KEY}
  WIREGUARD_{VPN_PPRESHARED_KEY,VPN_PRESHARED_KEY,PRESHARED_KEY,ALLOWED_IPS,INITIAL_MTU,IP_ADDRESSES,DNS}
  WIREGUARD_{PERSISTENT_KEEPALIVE,LISTEN_PORT,FWMARK,USERSPACE} TUNNEL_{ENABLE,INIT_NAME,INIT_IP_ADDRESSES}
  TUNNEL_{VPN_NAME,VPN_IP_ADDRESSES,PORT_FORWARDS} AUTOSTART ATTACH_UNITS ATTACH_DBUS PUBLISH NO_SUCH_KEY)
provider_keys=(Interface.{PrivateKey,Address,DNS,MTU,ListenPort,FwMark,Table,PreUp,PostUp,PreDown,PostDown,SaveConfig,Jc}
  Peer.{PublicKey,PresharedKey,AllowedIPs,Endpoint,PersistentKeepalive,NoSuchKey}
  Namespace.{Name,Interface,PrivateKeyFile,PrivateKeyCredential,Userspace,Autostart,Units,DBus,Publish}
  Tunnel.{Enable,HostInterface,HostAddress,Interface,Address,PortForwards} NoSuchSection.Key)
long=$(printf 'x%.0s' {1..5000})
# shellcheck disable=SC1003,SC2016  # they are to stay as they are
hostile=(
  $'a\nExecStart=/bin/touch /pwned' $'a\n[Service]\nExecStart=/bin/touch /pwned\n' $'a\r[Service]\rExecStart=/bin/touch /pwned'
  'ExecStart=/bin/touch /pwned' '[Service]' ']' '[' '%n' '%' '%%' '%i%H%%n' '$PATH' '${PATH}' '$$' '$(touch /pwned)'
  '`touch /pwned`' '"' "'" '"a' "a'b" 'a" ; /bin/touch /pwned "' '; /bin/touch /pwned' ';' '#' 'a # b' '\' 'a\' '\\' '\n'
  '\x0aExecStart=/bin/touch /pwned' '\"' $'a\tb' $'\t' ' ' '' '=' '-/bin/touch' 'ä☃😀' $'a\u2028[Service]' $'e\u0301%n'
  $'\u0085' $'\e[31m\x01\x7f' "$long" "$long%n\"" '../../../etc/passwd' '/etc/a%n$PATH"b'\''c;#]' '/etc/keys/\' '/a b'
  '/a:b' 'a@b:c+d' '*' '{a,b}' '-' '--root' 'vpn.example.org:1' $'\xff\xfe' '-.service' '../a.service' 'a%n.service'
)
check "keys of both forms" test ${#environment_keys[@]} -ge 23 -a ${#provider_keys[@]} -ge 23
check "every key of the sample is among them" same "" \
  "$(sed -n 's/^#\{0,1\}\([A-Z_]*\)=.*/\1/p' $directory/example.conf.sample | grep -vxF -f <(printf '%s\n' "${environment_keys[@]}"))"
check "hostile values" test ${#hostile[@]} -ge 40
# environment NAME [KEY VALUE]...: a good file but for these; between double quotes every value comes out as it is.
environment() {
  local path=$directory/$1.conf key value
  local -A set=([WIREGUARD_PRIVATE_KEY]=$private [WIREGUARD_VPN_PUBLIC_KEY]=$public
    [WIREGUARD_ENDPOINT]=192.0.2.1:1 [WIREGUARD_IP_ADDRESSES]=10.0.0.2)
  shift
  while [ $# -gt 0 ]; do
    case $1 in WIREGUARD_PRIVATE_KEY_*) unset 'set[WIREGUARD_PRIVATE_KEY]' ;; esac
    value=${2//\\/\\\\} value=${value//\"/\\\"} value=${value//\`/\\\`}
    set[$1]=${value//\$/\\\$}
    shift 2
  done
  for key in "${!set[@]}"; do printf '%s="%s"\n' "$key" "${set[$key]}"; done >"$path"
}
# provider NAME [SECTION.KEY VALUE]...: likewise. Of what has a newline the rest is a line of its own.
provider() {
  local path=$directory/$1.conf key
  local -A set=([Interface.PrivateKey]=$private [Peer.PublicKey]=$public [Peer.Endpoint]=192.0.2.1:1
    [Peer.AllowedIPs]=0.0.0.0/0 [Interface.Address]=10.0.0.2)
  shift
  while [ $# -gt 0 ]; do
    case $1 in Namespace.PrivateKey*) unset 'set[Interface.PrivateKey]' ;; esac
    set[$1]=$2
    shift 2
  done
  for section in Interface Namespace Tunnel Peer NoSuchSection; do
    [ $section != NoSuchSection ] || [[ " ${!set[*]}" == *" NoSuch"* ]] || continue
    printf '[%s]\n' $section
    for key in "${!set[@]}"; do [[ $key != $section.* ]] || printf '%s = %s\n' "${key#*.}" "${set[$key]}"; done
  done >"$path"
}

# Harmless files: every set of directives that we mean.
environment ok-plain
environment ok-name WIREGUARD_ENDPOINT vpn.example.org:1
environment ok-file WIREGUARD_PRIVATE_KEY_FILE /etc/keys/key
environment ok-credential WIREGUARD_PRIVATE_KEY_CREDENTIAL key
environment ok-autostart AUTOSTART yes
environment ok-fault WIREGUARD_INITIAL_MTU 1
# What may get into units that start is tried alone, all other keys together: the first fault of a file makes it refuse.
environment_alone=' NETNS_NAME WIREGUARD_NAME WIREGUARD_PRIVATE_KEY_FILE WIREGUARD_PRIVATE_KEY_CREDENTIAL WIREGUARD_ENDPOINT
  WIREGUARD_USERSPACE TUNNEL_ENABLE AUTOSTART '
provider_alone=' Namespace.Name Namespace.Interface Namespace.PrivateKeyFile Namespace.PrivateKeyCredential Peer.Endpoint
  Namespace.Userspace Namespace.Autostart Tunnel.Enable Interface.PostUp '
for v in "${!hostile[@]}"; do
  together=()
  for key in "${environment_keys[@]}"; do
    if [[ $environment_alone =~ [[:space:]]${key}[[:space:]] ]]; then environment "e-$key-$v" "$key" "${hostile[v]}"
    else together+=("$key" "${hostile[v]}"); fi
  done
  environment "e-$v" "${together[@]}"
  together=()
  for key in "${provider_keys[@]}"; do
    if [[ $provider_alone =~ [[:space:]]${key}[[:space:]] ]]; then provider "p-$key-$v" "$key" "${hostile[v]}"
    else together+=("$key" "${hostile[v]}"); fi
  done
  provider "p-$v" "${together[@]}"
done
# some FORM: up to six keys with values glued together of hostile ones.
some() {
  local -n keys=$1_keys
  local count=$((RANDOM % 6 + 1)) value
  combination=()
  while [ $((count--)) -gt 0 ]; do
    value=${hostile[RANDOM % ${#hostile[@]}]}
    [ $((RANDOM % 2)) = 0 ] || value+=${hostile[RANDOM % ${#hostile[@]}]}
    combination+=("${keys[RANDOM % ${#keys[@]}]}" "$value")
  done
}
for ((n = 0; n < random; n++)); do
  some environment && environment "re$n" "${combination[@]}"
  some provider && provider "rp$n" "${combination[@]}"
done
# Hostile file names: most can name no unit, the others are names like any other.
# shellcheck disable=SC2016
refused_names=('a b' '%n' '$PATH' 'a"b' "a'b" 'a\b' 'a;b' '[Service]' $'a\nExecStart=touch' 'a@b' 'a:b' 'ä' $'\xff' '*' 'a#b'
  namespaced-wireguard-vpn "$(printf 'n%.0s' {1..250})")
odd_names=(-rf - _ 0 target a.service a.b-c_d)
environment name
for name in "${refused_names[@]}" "${odd_names[@]}"; do cp $directory/name.conf "$directory/$name.conf"; done
echo "# $(find $directory -name '*.conf' -printf x | wc -c) files, seed $seed"
others=$(cd $generated && find . | sort)         # of other generators
systemctl daemon-reload

echo "# what is there"
mapfile -t units < <(cd $generated && find . -maxdepth 1 -name 'namespaced*.service' -printf '%f\n' | sort)
expected=$(cd $directory && for name in *.conf; do
  name=${name%.conf}
  [[ $name =~ ^[a-zA-Z0-9_-][a-zA-Z0-9_.-]*$ && ${#name} -le 200 && $name != namespaced-wireguard-vpn ]] && echo "$name"
done | LC_ALL=C sort)
for stage in netns wg; do
  check "each file that can name units has a $stage service, and no other has" same "$expected" \
    "$(printf '%s\n' "${units[@]}" | sed -n "s/^namespaced-wireguard-vpn-$stage@\(.*\)\.service$/\1/p" | LC_ALL=C sort)"
done
# Nothing else is below the generator's directory, but for links to these.
check "there is nothing else of ours" same "" "$(cd $generated && find . \
  ! -regex '\./namespaced-wireguard-vpn-\(netns\|wg\|tunnel\)@[a-zA-Z0-9_.-]*\.service' \
  ! -regex '\./namespaced-wireguard-vpn@[a-zA-Z0-9_.-]*\.target\.requires\(/namespaced-wireguard-vpn-\(wg\|tunnel\)@[a-zA-Z0-9_.-]*\.service\)?' \
  ! -regex '\./multi-user\.target\.wants\(/namespaced-wireguard-vpn@[a-zA-Z0-9_.-]*\.target\)?' \
  ! -regex '\./[a-zA-Z0-9:_.\\@-]*[^/-]\.\(service\|socket\)\.d\(/50-namespaced-wireguard-vpn\.conf\)?' \
  ! -regex '\./namespaced-wireguard-vpn\.target\.d\(/50-instances\.conf\)?' | sort | comm -23 - <(echo "$others"))"
kernel_log >$work/kernel-log
for name in "${refused_names[@]}"; do
  shown=${name//$'\n'/\\x0a} shown=${shown//$'\xff'/}
  check "the file name ${name@Q} is named in a message" grep -qF "$directory/${shown:0:40}" $work/kernel-log
done
check "none of them began a line of its own" not grep '^ExecStart' $work/kernel-log

echo "# what systemd makes of it"
# read_back FILE UNIT...: all that systemd has read of these, into FILE. odd_properties FILE [DIRECTORY]: what of that is
# not as in a harmless unit of the same kind; kinds differ in their sequence of sections and directives.
read_back() { systemctl show --all "${@:2}" >"$1"; }
odd_properties() {
  perl /usr/lib/nswg-test/odd-properties "$1" "${2:-$generated}" "$work/messages"
}
generator --dry-run 2>&1 >/dev/null | sed 's/^nswg-systemd-generator: //' >$work/messages
read_back $work/shown "${units[@]}"
check "systemd has read all units" same ${#units[@]} "$(grep -c '^Id=namespaced' $work/shown)"
check "none is masked or in error" same loaded "$(grep '^LoadState=' $work/shown | cut -d = -f 2 | sort -u)"
check "they are what they should be" same "" "$(odd_properties $work/shown 2>$work/count | head -n 20)"
cat $work/count
check "thousands were compared" test "$(awk '{ print $2 }' $work/count)" -gt 2500

echo "# word by word, as systemd has them"
sample() { printf '%s\n' "$@" | shuf --random-source=<(yes "$seed" 2>/dev/null) -n 200; }
mapfile -t refusing < <(cd $generated && grep -l '^ExecStart=.* refuse ' namespaced-wireguard-vpn-netns@*)
mapfile -t some < <(sample "${refusing[@]}")
check "many files are refused" test ${#refusing[@]} -gt 500
# odd_words UNIT...: an argument of these units that is no whole message about their file.
odd_words() { perl /usr/lib/nswg-test/odd-words $work/messages "$@"; }
check "each argument is a message" same "" "$(odd_words "${some[@]}" | head -n 20)"
cp $work/messages $work/all
sed -i 's/.$/ &/' $work/messages
check "were they others, each would be found" same "$(printf '%s\n' "${some[@]}" | sort)" "$(odd_words "${some[@]}" | cut -d : -f 1 | sort -u)"
cp $work/all $work/messages

echo "# systemd has no complaint"
check "systemd-analyze verify" same "" "$(cd $generated && sample "${units[@]}" | xargs -d '\n' systemd-analyze --man=no verify 2>&1 | head -n 20)"
journalctl --sync
check "nor its log" same "" "$(journalctl -b -o cat _PID=1 | grep -E '/run/systemd/generator/.*namespaced' | head -n 20)"

echo "# they run nothing but our stage"
mapfile -t names < <(printf '%s\n' "${some[@]}" | sed 's/.*netns@//; s/\.service$//')
check "all of these fail" not vpn_start "${names[@]}"
check "each of them" unit_is failed "${some[@]}"
journalctl --sync
said=$(journalctl -b -o cat NSWG_STAGE=refuse | sort -u)
check "they say many things" test "$(wc -l <<<"$said")" -gt 200
check "and nothing but messages about files" same "" "$(grep -vxF -f $work/messages <<<"$said" | head -n 20)"
check "nothing else has run" test ! -e /pwned

echo "# what is taken means what it says"
check "odd names are names like any other" vpn_start "${odd_names[@]}"
for name in "${odd_names[@]}"; do
  check "$name is up" vpn_is_up "$name"
done
vpn_stop "${odd_names[@]}"
index() { local i; for i in "${!hostile[@]}"; do [ "${hostile[i]}" != "$1" ] || echo "$i"; done; }
path=/etc/a%n\$PATH\"b\'c\;#]
odd=$(index "$path")
for name in "e-WIREGUARD_PRIVATE_KEY_FILE-$odd" "p-Namespace.PrivateKeyFile-$odd"; do
  [[ $name == e-* ]] || path=${path%#]}         # there a '#' begins a comment
  check "$name: without its key it does not start" not vpn_start "$name"
  wg genkey >"$path"
  check "the file of that name is its key" vpn_start "$name"
  check "and no other" same "$(wg pubkey <"$path")" "$(wg_show "$name" "$(links "$name" | tr ' ' '\n' | grep ^wg-)" public-key)"
  vpn_stop "$name"
  rm "$path"
done
name=e-WIREGUARD_USERSPACE-$odd
check "a program of that name is looked for" not vpn_start "$name"
check "under that name" status_has "$(unit wg "$name")" "there is no program '${hostile[odd]}'"
vpn_stop "$name"
name=e-NETNS_NAME-$(index a@b:c+d)
check "a namespace gets its odd name" vpn_start "$name"
check "as it is" test -e /run/netns/a@b:c+d
vpn_stop "$name"
check "nothing else has run until now" test ! -e /pwned

echo "# the comparison finds what is planted"
# plant WHAT SED: a generator of the test's own makes a copy of the harmless file's units with a fault, which is seen.
mkdir -p $work/planted /run/systemd/system-generators
printf '#!/bin/sh\ncp %s/planted/*@planted.service %s\n' $work "$generated" >/run/systemd/system-generators/planting
chmod 755 /run/systemd/system-generators/planting
plant() {
  local one expected=(not)
  [ "$2" ] || expected=()
  for one in netns wg tunnel; do
    cp "$generated/$(unit $one ok-plain)" $work/planted/
    sed "s/ok-plain/planted/g; $2" "$generated/$(unit $one ok-plain)" >"$work/planted/$(unit $one planted)"
  done
  systemctl daemon-reload
  read_back $work/shown "$(unit netns ok-plain)" "$(unit wg ok-plain)" "$(unit tunnel ok-plain)" "$(unit netns planted)" \
    "$(unit wg planted)" "$(unit tunnel planted)"
  check "$1" "${expected[@]}" same "" "$(odd_properties $work/shown $work/planted 2>/dev/null)"
}
plant "a copy without a fault has none" ''
plant "another command" 's/ up planted/ up planted x/'
plant "a directive more" '/^Type=/a User=nobody'
plant "a directive less" '/^NoNewPrivileges=/d'
plant "a directive swallowed by the line before" 's/^PartOf=.*/&\\/'
plant "a value that has changed" 's/^NoNewPrivileges=yes/NoNewPrivileges=no/'
plant "a section of its own" '/^Type=/i [Install]'
plant "a prefix before the command" 's/^ExecStart=/ExecStart=-/'
plant "a second command" '/^ExecStart=/a ExecStart=/bin/touch /pwned'
plant "a second command in one line" '/^LoadCredential/d; s/^ExecStart=\(.*\)/ExecStart=-\1 ; \/bin\/touch \/pwned/'
check "nothing of that has run" test ! -e /pwned
systemctl start "$(unit netns planted)"
check "now it has, and would have been seen" test -e /pwned
finish
