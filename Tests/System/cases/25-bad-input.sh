#!/bin/bash
# Whatever a file holds or is: an exact message by hand, in the kernel's log and in the unit's status, a start that
# fails at once, and two good instances, one of them running, that do not notice. Nothing is half-written, nothing traps.
# runs-on: container
# limit: 150
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh
umask 077

ip link set lo up
check "provider 1 starts" provider_start 1
provider_default 1
directory=/etc/namespaced-wireguard-vpn.d generated=/run/systemd/generator
bad=$directory/bad.conf
good=/run/nswg-test/good.conf
provider_config 1 runs
provider_config 1 sleeps WIREGUARD_IP_ADDRESSES=10.64.1.9/32
# With keys of its own: two files with one key are a matter of their own.
provider_config 1 spare WIREGUARD_IP_ADDRESSES=10.64.1.10/32
mv "$(config_path spare)" $good
systemctl daemon-reload
vpn_start runs
check "the good instance works" seen_as 10.64.1.2 1 4 ip netns exec runs

# good_units DIR: every file and link of the good instances, with what is in it.
good_units() {
  (cd "$1" && find . \( -path '*@runs*' -o -path '*@sleeps*' \) \
    \( -type f -exec sha256sum {} + -o -type l -printf '%p -> %l\n' \) | sort)
}
# good_state: what changes when the running instance is disturbed.
good_state() {
  unit_states runs
  for stage in netns wg tunnel; do systemctl show -P InvocationID "$(unit $stage runs)"; done
  stat -Lc %i /run/netns/runs
  ip -n runs -o link | cut -d ' ' -f 1-2
}
units=$(good_units $generated) state=$(good_state)
check "the good instances have units" same 10 "$(wc -l <<<"$units")"

# by_hand: the generator's messages and its exit status.
by_hand() { { generator --dry-run >/dev/null; } 2>&1; echo "exit status $?"; }
check "by hand all is well" same "exit status 0" "$(by_hand)"

# unharmed: after a reload the good ones are as they were.
unharmed() { same "$units" "$(good_units $generated)" && same "$state" "$(good_state)"; }
# refused: with the bad file there; the start fails at once and makes nothing.
refused() {
  local began=$SECONDS
  not timeout 10 systemctl start "$(target bad)" 2>/dev/null && not test -e /run/netns/bad &&
    test $((SECONDS - began)) -le 3
}

# faulty WHAT MESSAGE: the bad file, which is there now, has that message; without colon a part of it.
faulty() {
  local what=$1 message=$2 output
  output=$(by_hand)
  check "$what: the message by hand" has $'\n'"$output" $'\n'"nswg-systemd-generator: $bad:$message"
  check "$what: exit status 1 by hand" same "exit status 1" "$(tail -n 1 <<<"$output")"
  check "$what: systemd reloads" systemctl daemon-reload
  check "$what: the message in the kernel's log" has "$(kernel_log | tail -n 40)" "<3>nswg-systemd-generator: $bad:$message"
  check "$what: a start fails at once" refused
  # The start has failed when the first of its services has: another may not be done.
  check "$what: the message in the status" within 10 status_has "$(unit netns bad)" "$bad:$message"
  check "$what: the good instances do not notice" unharmed
  rm -rf "$bad"
}
# bad_with LINE: the bad file is a good one with that line in place of its key's, or at the end.
bad_with() {
  if grep -q "^${1%%=*}=" $good; then sed "s|^${1%%=*}=.*|$1|" $good; else cat $good && echo "$1"; fi >$bad
}

echo "# values"
addresses='allowed: addresses like 10.0.0.2/32,fd00::2/128'
bad_with WIREGUARD_PRIVATE_KEY=abc
faulty "a wrong key" "4:23: WIREGUARD_PRIVATE_KEY=: the value is not a key: 3 characters long; allowed: the 44 characters that wg genkey or wg pubkey print"
bad_with WIREGUARD_INITIAL_MTU=90000
faulty "a wrong MTU" "7:23: WIREGUARD_INITIAL_MTU=: '90000' is not an MTU; allowed: auto, or 576 to 65535 (1280 and up with IPv6)"
bad_with WIREGUARD_IP_ADDRESSES=10.64.1.300/32
faulty "a wrong address" "3:24: WIREGUARD_IP_ADDRESSES=: '10.64.1.300/32' is not an address; $addresses"
bad_with WIREGUARD_IP_ADDRESSES=10.64.1.2/33
faulty "a wrong prefix length" "3:24: WIREGUARD_IP_ADDRESSES=: '10.64.1.2/33' has a prefix length that is not a number from 0 to 32; $addresses"
bad_with WIREGUARD_NAME=far-too-long-a-name
faulty "a wrong interface name" "7:16: WIREGUARD_NAME=: 'far-too-long-a-name' is 19 bytes long, too long for an interface; allowed: 1 to 15 letters, digits, '_', '-', '.', '+' or '='"
bad_with WIREGUARD_ENDPOINT=1.2.3.4
faulty "an endpoint without a port" "2:20: WIREGUARD_ENDPOINT=: '1.2.3.4' has no port; allowed: address:port, [IPv6 address]:port or name:port"
bad_with ATTACH_UNITS=transmission-daemon
faulty "a unit without its suffix" "7:14: ATTACH_UNITS=: 'transmission-daemon' is not a unit; did you mean transmission-daemon.service?; allowed: names of services and sockets, like transmission-daemon.service"
bad_with PUBLISH=9091
faulty "a published port without an address" "7:9: PUBLISH=: '9091' is not an address with a port; allowed: ADDRESS:PORT or ADDRESS:PORT:PORT-INSIDE, like 127.0.0.1:9091 or [::1]:9091, with ports from 1 to 65535"
bad_with TUNNEL_PORT_FORWARDS=8000
faulty "a forwarded port without an interface" "7:22: TUNNEL_PORT_FORWARDS=: '8000' is not a port of an interface; allowed: INTERFACE:PORT/PROTOCOL or INTERFACE:PORT:PORT-INSIDE/PROTOCOL, like eth0:8000/tcp, with ports from 1 to 65535 and tcp or udp"
sed '/_ENDPOINT=/d' $good >$bad
faulty "a missing key" " WIREGUARD_ENDPOINT= is missing"
bad_with "NETNS_NAME=a$(printf '\t')b"
faulty "a control character" "7:12: NETNS_NAME=: 'a\\x09b' has a blank; one file makes one namespace; allowed: a single name; write one file for each VPN"

echo "# not a file"
mkdir $bad
faulty "a directory" " cannot be read: Is a directory (EISDIR)"
ln -s /nowhere $bad
faulty "a link to nowhere" " cannot be read: No such file or directory (ENOENT)"
ln -s bad.conf $bad
faulty "a link to itself" " cannot be read: Too many levels of symbolic links (ELOOP)"
mkfifo $bad
faulty "a FIFO" " is not a regular file; allowed: a file, or a link to one"
systemd-run --quiet --unit=bad-socket systemd-socket-activate --listen=$bad cat
within 5 test -S $bad
faulty "a socket" " is not a regular file; allowed: a file, or a link to one"
systemctl stop bad-socket.service
ln -s /dev/zero $bad
faulty "a device without end" " is not a regular file; allowed: a file, or a link to one"

echo "# not a text"
head -c 65536 /usr/lib/namespaced-wireguard-vpn/nswg-stage >$bad
faulty "a program" "1:8: a NUL byte: this is not a text file"
{ cat $good; printf 'NETNS_NAME=a\0b\n'; } >$bad
faulty "a NUL byte" "7:13: a NUL byte: this is not a text file"
{ cat $good; printf 'NETNS_NAME=a\xffb\n'; } >$bad
faulty "a byte that is not UTF-8" "7:1: not UTF-8; systemd, too, takes nothing from such a file"
: >$bad
faulty "an empty file" " WIREGUARD_PRIVATE_KEY= is missing, and so are WIREGUARD_PRIVATE_KEY_FILE= and WIREGUARD_PRIVATE_KEY_CREDENTIAL=; one of them must be there"
long=$(head -c 1000000 /dev/zero | tr '\0' x)
{ cat $good; printf 'NETNS_NAME=%s\n' "$long"; } >$bad
faulty "a line of 1 MB" "7:12: NETNS_NAME=: (not shown, it may be a key) is not a namespace name"
{ cat $good; printf '%s=1\n' "$long"; sed '/_ENDPOINT=/d' $good; } >$bad
sed -i '/_ENDPOINT=/d' $bad
faulty "a key of 1 MB" " WIREGUARD_ENDPOINT= is missing"
for ((i = 0; i < 60000; i++)); do echo "MTU=$i" ; done >$bad
faulty "60000 faults" " WIREGUARD_ENDPOINT= is missing"
{ cat $good; for _ in {1..257}; do printf '# %65534s\n' ''; done; } >$bad
check "a file over 16 MiB is good otherwise" same 1 "$(($(stat -c %s $bad) > 16777216))"
faulty "a file over 16 MiB" " is larger than 16777216 bytes, which no configuration is"

echo "# an unknown key is no fault"
bad_with NO_SUCH_KEY=1
check "it is named by hand" same "nswg-systemd-generator: $bad:7:1: unknown key 'NO_SUCH_KEY'; ignoring it"$'\n'"exit status 1" "$(by_hand)"
bad_with WIREGUARD_ENDPIONT=1
check "with the one that was meant" has "$(by_hand)" "$bad:7:1: unknown key 'WIREGUARD_ENDPIONT'; ignoring it; did you mean WIREGUARD_ENDPOINT=?"
systemctl daemon-reload
check "in the kernel's log it is a warning" has "$(kernel_log | tail -n 1)" "<4>nswg-systemd-generator: $bad:7:1: unknown key"
check "the VPN starts" vpn_start bad
vpn_stop bad
check "the good instances do not notice" unharmed

echo "# broken after the last reload"
bad_with NETNS_NAME=bad
systemctl daemon-reload
bad_with NETNS_NAME=/
check "the start fails" refused
check "with the same message" status_has "$(unit netns bad)" "$bad:7:12: NETNS_NAME=: '/' is not a namespace name"
rm $bad
check "and without the file, too" refused
check "with systemd's message" status_has "$(unit netns bad)" "status=243/CREDENTIALS"

echo "# names of files"
allowed="cannot name an instance; allowed: letters, digits, '_', '-' and '.', at most 200; ignoring the file"
# misnamed NAME SHOWN: NAME.conf is ignored with that message, and the good instances do not notice.
misnamed() {
  cp $good "$directory/$1.conf"
  local output
  output=$(by_hand)
  systemctl daemon-reload
  rm "$directory/$1.conf"
  same "nswg-systemd-generator: $directory/$2"$'\n'"exit status 1" "$output" &&
    has "$(kernel_log | tail -n 2)" "<3>nswg-systemd-generator: $directory/$2" && unharmed &&
    same "" "$(find $generated -name '*namespaced*' ! -name '*@runs*' ! -name '*@sleeps*' ! -name 'namespaced-wireguard-vpn.target.d')"
}
check "a blank" misnamed 'a b' "a b.conf: 'a b' $allowed"
check "an @" misnamed x@y "x@y.conf: 'x@y' $allowed"
check "a letter that is not ASCII" misnamed vpn-ö "vpn-ö.conf: 'vpn-ö' $allowed"
check "a backslash" misnamed 'a\x2db' "a\\x2db.conf: 'a\\x2db' $allowed"
check "a line end and what could be a message" misnamed $'a\nkernel: b' "a\\x0akernel: b.conf: 'a\\x0akernel: b' $allowed"
check "201 characters" misnamed "$(printf 'n%.0s' {1..201})" "$(printf 'n%.0s' {1..201}).conf: (not shown, it may be a key) $allowed"
check "the name of the old units" misnamed namespaced-wireguard-vpn "namespaced-wireguard-vpn.conf: this name is kept for the units of the old single file; choose another; ignoring the file"
for name in .conf .hidden.conf bad.conf~ bad.conf.dpkg-old bad.CONF; do cp $good "$directory/$name"; done
check "hidden files and copies are ignored without a message" same "exit status 0" "$(by_hand)"
rm -f $directory/.*conf $directory/bad.*

echo "# where to"
out=/run/nswg-test/out
# written: what a run into $out says, and its status; reference: what it should write.
written() { generator $out 2>&1; echo "exit status $?"; }
mkdir $out && generator $out && cp -a $out $out.reference
check "all is written" same "" "$(diff -r --no-dereference $out $out.reference)"
check "once more over it: what is there is named" has "$(written)" "'$out/namespaced-wireguard-vpn-netns@runs.service': File exists (EEXIST)"
rm -r $out
check "a missing directory is named" has "$(written)" "'$out': No such file or directory (ENOENT)"
check "with exit status 1" has "$(written)" "exit status 1"
rm -rf $out && touch $out
check "so is a file in its place" has "$(written)" "Not a directory (ENOTDIR)"
rm $out && mkdir $out
for options in size=12k nr_inodes=6; do
  mount -t tmpfs -o $options tmpfs $out
  output=$(written)
  check "$options: not everything fits" not diff -rq --no-dereference $out $out.reference
  check "something does" test -s "$out/namespaced-wireguard-vpn-netns@runs.service"
  check "nothing is half-written" same "" "$(diff -r --no-dereference $out $out.reference | grep -v "^Only in $out.reference")"
  check "what did not fit is named" grep -E "'$out/namespaced-[^']*': No space left on device \(ENOSPC\)" <<<"$output"
  check "with exit status 1" same "exit status 1" "$(tail -n 1 <<<"$output")"
  umount $out
done

echo "# the directory of the files"
mv $directory $directory.away
for kind in file loop; do
  if [ $kind = file ]; then touch $directory; else ln -s "$(basename $directory)" $directory; fi
  check "a $kind in its place: exit status 1" has "$(by_hand)" "exit status 1"
  check "and it is named" has "$(by_hand)" "nswg-systemd-generator: $directory: cannot be read: "
  rm $directory
done
mv $directory.away $directory
systemctl daemon-reload
check "the good instances do not notice" unharmed
check "the good instance still works" seen_as 10.64.1.2 1 4 ip netns exec runs
check "the other one starts" vpn_start sleeps

echo "# traps"
# ends: what systemd logged about generators and units of ours that did not end well. Newer ones quote the path.
ends() { journalctl --sync; journalctl --boot --output=cat | tr -d "'" | grep -E '(/nswg-|^namespaced-).*(exit status|signal|code=)'; }
crashes() { ends | grep -E 'signal|code=(killed|dumped)'; }
check "generators that failed are seen" has "$(ends)" 'system-generators/nswg-systemd-generator failed with exit status 1'
check "and units" has "$(ends)" 'namespaced-wireguard-vpn-netns@bad.service: Main process exited, code=exited, status=1'
check "none of them ended by a signal" same "" "$(crashes)"
install -D -m 755 <(printf '#!/bin/sh\nkill -ILL $$\n') /run/systemd/system-generators/nswg-planted
systemctl daemon-reload
systemd-run --quiet --wait --unit=namespaced-planted sh -c 'kill -TRAP $$$$'
check "as would be seen of a generator" has "$(crashes)" 'nswg-planted terminated by signal ILL'
check "and of a unit" has "$(crashes)" 'status=5/TRAP'
finish
