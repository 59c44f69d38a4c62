#!/bin/bash
# A provider's file means what wg and wg-quick say it means. Each file of 32-wg-meaning.tree, which has every oddity
# of the format, goes both ways: `wg setconf` of `wg-quick strip` for keys, peers and ports, `wg-quick up` for
# addresses, MTU and routes, each in a namespace of its own; and as it is through our generator and stage.
# runs-on: container vm
# limit: 150
# shellcheck source=../lib/lib.sh
. /usr/lib/nswg-test/lib.sh

ip link set lo up
ip netns add first && ip netns delete first
kind=$(wireguard_kind)
echo "# WireGuard: $kind"
printf '%s\n' '192.0.2.41 four.meaning.example' '2001:db8::41 six.meaning.example' >>/etc/hosts
# wg-quick hands DNS servers to this program, which no guest has; they are not compared here.
printf '#!/bin/sh\ncat >/dev/null\n' >/usr/local/bin/resolvconf
chmod 755 /usr/local/bin/resolvconf
files=(/usr/lib/nswg-test/meaning/*.conf)
check "there are more than ten files" test "${#files[@]}" -gt 10
# In the virtual machine everything takes ten times as long, and these are odd as text only.
if [ "$kind" = kernel ]; then
  for name in comments crlf inside last-counts letter-case; do rm "/usr/lib/nswg-test/meaning/$name.conf"; done
  files=(/usr/lib/nswg-test/meaning/*.conf)
fi
mapfile -t names < <(basename -s .conf "${files[@]}")
before=$(snapshot)

# canonical: `wg showconf` on standard input as text to compare. Three things mean nothing and are made equal:
# - the order of peers: wireguard-go keeps them unordered;
# - the order of a peer's networks: the longest one that fits counts, wherever it stands;
# - the port, if the file in question names none or 0: the kernel chooses any, so only that there is one counts.
canonical() {
  awk -v RS= -v named="$(<$stripped.port)" '
    { peer = ""
      if (named == "") sub(/ListenPort = [0-9]+/, "ListenPort = (chosen)")
      count = split($0, lines, "\n")
      for (i = 1; i <= count; i++) {
        line = lines[i]
        if (sub(/^AllowedIPs = /, "", line)) {
          items = split(line, item, ", ")
          for (j = 2; j <= items; j++)
            for (k = j; k > 1 && item[k] < item[k - 1]; k--) { t = item[k]; item[k] = item[k - 1]; item[k - 1] = t }
          line = "AllowedIPs ="
          for (j = 1; j <= items; j++) line = line " " item[j]
        }
        peer = peer line "; "
      }
      print peer }' | sort
}

# reference_start FILE: the device `ref` in the namespace `ref`, configured by wg alone. FILE is in question from now on.
stripped=/run/nswg-test/stripped
reference_start() {
  wg-quick strip "$1" 2>/dev/null >$stripped
  sed 's/#.*//' $stripped | tr -d '[:blank:]\r' | sed -n 's/^ListenPort=0*//Ip' | tail -n 1 >$stripped.port
  ip netns add ref
  if [ "$kind" = kernel ]; then
    ip -n ref link add ref type wireguard
  else
    systemd-run --quiet --collect --service-type=exec --unit=reference \
      --property=NetworkNamespacePath=/run/netns/ref wireguard-go -f ref
    within 10 test -S /run/wireguard/ref.sock
  fi
  ip netns exec ref wg setconf ref $stripped && ip -n ref link set ref up
}
reference_stop() {
  ip -n ref link delete ref
  ip netns delete ref
  systemctl stop reference.service 2>/dev/null
}
reference_meaning() { ip netns exec ref wg showconf ref | canonical; }

# our_meaning NAME
our_meaning() { wg_showconf "$1" "$(links "$1")" | canonical; }
# means_the_same NAME: as the file in question.
means_the_same() { same "$(reference_meaning)" "$(our_meaning "$1")"; }

# quick_up FILE: wg-quick in the namespace `quick`. Its device has the name of the file.
quick_up() { ip netns exec quick wg-quick up "$1" >/run/nswg-test/quick.log 2>&1 || { cat /run/nswg-test/quick.log; false; }; }
# quick_routes NAME: wg-quick sends a default route through a table of its own, as the host's own packets to the
# server must not go into the tunnel. Inside our namespace there are no such packets: main is that table's place.
quick_routes() { routes quick "$1" | sed 's/^default table 51820$/default table main/'; }

mkdir -p /etc/namespaced-wireguard-vpn.d /run/nswg-test
units=()
for name in "${names[@]}"; do units+=("$(unit wg "$name")"); done
cp "${files[@]}" /etc/namespaced-wireguard-vpn.d/
systemctl daemon-reload
check "all of them start" systemctl start "${units[@]}"

echo "# the comparison finds what is planted"
file=/usr/lib/nswg-test/meaning/peers.conf
check "wg takes the file" reference_start "$file"
check "nothing is planted" means_the_same peers
peer=$(sed -n 's/^PublicKey = //p' "$file" | head -n 1)
key=/run/nswg-test/other-key
(umask 077 && wg genkey >$key)
for change in 'fwmark 7' "private-key $key" "peer $(wg genkey | wg pubkey)" "peer $peer remove" \
  "peer $peer persistent-keepalive 26" "peer $peer endpoint 192.0.2.14:51821" "peer $peer endpoint 192.0.2.15:51820" \
  "peer $peer preshared-key $key" "peer $peer allowed-ips 10.5.1.0/25" "peer $peer allowed-ips 10.5.1.0/24,10.5.9.0/24" \
  "peer $peer allowed-ips 0.0.0.0/0"; do
  # shellcheck disable=SC2086  # they are words
  ip netns exec ref wg set ref $change
  check "with '${change//$peer/KEY}' it differs" not means_the_same peers
  ip netns exec ref wg setconf ref $stripped
done
check "as it was it is the same again" means_the_same peers
reference_stop
# A port that the file names must be that port.
check "another file" reference_start /usr/lib/nswg-test/meaning/marks.conf
check "nothing is planted" means_the_same marks
ip netns exec ref wg set ref listen-port 51907
check "with another listen port it differs" not means_the_same marks
reference_stop

for name in "${names[@]}"; do
  file=/usr/lib/nswg-test/meaning/$name.conf link=$(links "$name")
  echo "# $name: $(sed -n '1s/^# //p' "$file")"
  check "the file is what it was" cmp "$file" "$(config_path "$name")"
  reference_start "$file"
  check "keys, peers, port and mark are those that wg sets" means_the_same "$name"
  reference_stop
  ip netns add quick
  ip -n quick link set lo up
  if check_output=$(quick_up "$file"); then
    check "the addresses are those that wg-quick sets" same "$(addresses -n quick "$name")" "$(addresses -n "$name" "$link")"
    check "the MTU" same "$(mtu -n quick "$name")" "$(mtu -n "$name" "$link")"
    check "the routes" same "$(quick_routes "$name")" "$(routes "$name" "$link")"
    ip -n quick link delete "$name"             # and with it its wireguard-go
  else
    check "wg-quick takes the file: $check_output" false
  fi
  ip netns delete quick
done
# What is equal must not be empty.
check "there was a file with two addresses of a family" same \
  "10.66.3.2/24 10.66.3.3/32 fd66:3::2/64 fd66:3::3/128" "$(addresses -n lists "$(links lists)")"
check "and one with routes in a table of its own" has "$(routes marks "$(links marks)")" "default table 1234"
check "and one without routes" not has "$(routes marks-10 "$(links marks-10)")" default
check "names were resolved" same "[2001:db8::41]:51821 192.0.2.41:51820" \
  "$(wg_show endpoint-name "$(links endpoint-name)" endpoints | cut -f 2 | sort -r | xargs)"
check "a network that two peers claim is the last one's" same 1 \
  "$(wg_show host-bits "$(links host-bits)" allowed-ips | grep -c '10.13.0.0/16')"

systemctl stop "${units[@]}" 'namespaced-wireguard-vpn-netns@*.service'
check "nothing is left" within 20 unchanged "$before"
finish
