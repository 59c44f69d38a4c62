# capture.sh: what the host's interfaces carry, and what of it is a leak.
# shellcheck shell=bash disable=SC2154  # variables of provider.sh

capture=$provider_state/capture
# The kinds of packets that a client can leak.
leak_kinds=(tcp udp icmp ipv6 libc raw multicast mdns host other)

# captures_start: every interface of the host, those included that are still to come, as text: for each packet a line
# per interface that it passes, which names the interface and the direction.
captures_start() {
  mkdir -p "$provider_state"
  : >"$capture"
  # tcpdump must be told that LLMNR looks like DNS.
  capture_of rest 'not udp port 5355' && capture_of llmnr 'udp port 5355 or udp dst portrange 20000-23999' -T domain
}

# capture_of NAME FILTER [OPTION]...
capture_of() {
  systemd-run --quiet --collect --unit="nswg-test-capture-$1" --property=StandardOutput="append:$capture" \
    --property=StandardError="file:$capture-$1.log" \
    tcpdump -i any -y LINUX_SLL2 -nn -l --immediate-mode -s 400 -B 16384 "${@:3}" "$2" || return
  within 10 grep -q 'listening on any' "$capture-$1.log"
}

# namespace_capture_start NAMESPACE: the same of a namespace, into its own file.
namespace_capture_start() {
  systemd-run --quiet --collect --unit="nswg-test-capture-$1" --property=StandardOutput="file:$capture-$1" \
    --property=StandardError="file:$capture-$1.log" --property=NetworkNamespacePath="/run/netns/$1" \
    tcpdump -i any -y LINUX_SLL2 -nn -l --immediate-mode -s 400 -B 16384 || return
  within 10 grep -q 'listening on any' "$capture-$1.log"
}

# captures_stop: all of them; prints how many packets the kernel could not hand over.
captures_stop() {
  systemctl kill --signal=INT 'nswg-test-capture-*'
  within 10 not systemctl --quiet is-active 'nswg-test-capture-*'
  awk '/dropped by kernel/ { lost += $1; n++ } END { print n == ARGC - 1 ? lost : "unknown" }' "$capture"-*.log
}

# captures_settle: both captures are alive, and all that was sent until now is in the file.
captures_settle() {
  local from port=$((20000 + RANDOM % 4000))
  from=$(stat -c %s "$capture")
  echo >"/dev/udp/127.0.0.1/$port"
  within 20 eval "[ \$(capture_from $from | grep -c ' > 127.0.0.1.$port:') = 2 ]"
}

# capture_position: where the capture is now; capture_from POSITION: what came after.
capture_position() { captures_settle && stat -c %s "$capture"; }
capture_from() { tail -c "+$(($1 + 1))" "$capture"; }

# leaks VETH SERVED_PORT: of captured lines, those that show a packet of the busy client outside of its tunnel, with the
# kind in front. VETH is the host's end of the instance's tunnel: what comes in there counts, unless it answers the
# host: neighbour discovery between the two ends, echo replies, the service on SERVED_PORT.
leaks() {
  local own
  own=$(ip -oneline address show dev "$1" 2>/dev/null | awk '{ sub("/.*", "", $4); print $4 }' | xargs)
  awk -v veth="$1" -v served="$2" -v own="$own" '
    BEGIN {
      n = split(own, address, " ")
      for (i = 1; i <= n; i++) host[address[i]]
    }
    # An address as tcpdump writes it with a port or a colon behind.
    function bare(text) {
      sub(/:$/, "", text)
      if (text in host) return text
      sub(/[.][0-9]+$/, "", text)
      return text
    }
    # Whether the packet came from inside and is no answer to the host.
    function unasked() {
      if ($2 != veth || $3 == "Out") return 0
      if ($4 == "ARP,") return !/(who-has|Reply) 10[.]127[.]/
      if (/neighbor (solicitation|advertisement)/) return !/(who has|tgt is) (fd99|fe80):/
      if ($5 !~ /^(10[.]127[.]|fd99:)/) return 1
      return !/echo reply/ && $5 !~ ("[.]" served "$")
    }
    function kind() {
      # Resolvers vary the case of letters.
      if (tolower($0) ~ /libc[0-9a-f]+|dht[.]transmissionbt[.]com/) return "libc"
      if (tolower($0) ~ /raw[0-9a-f]+[.]leak/ || / (198[.]18[.]77[.]|2001:db8:77::)5[0-9][ .,:]/) return "raw"
      if (/mcast[0-9a-f]+-leak/) return "mdns"
      if (/239[.]77[.]77[.]77|255[.]255[.]255[.]255[.]4407|ff0[25]::77:77/) return "multicast"
      # Transmission looks for peers nearby.
      if (/239[.]192[.]152[.]143/) return "multicast"
      if (/ 198[.]18[.]77[.]| 2001:db8:77::|[.](4407|51413)( |:)|, id 4407,/) {
        if ($2 == veth && (bare($5) in host || bare($7) in host)) return "host"
        if ($4 == "IP6") return "ipv6"
        if (/ ICMP /) return "icmp"
        if (/ Flags \[/) return "tcp"
        if (/ UDP, /) return "udp"
        return "other"
      }
      if (!unasked()) return ""
      if (/[.]53: /) return "raw"
      if (/[.]53(53|55): /) return "mdns"
      return "other"
    }
    (found = kind()) != "" { print found, $0 }'
}

# leak_counts: of lines from leaks, how many of each kind there are.
leak_counts() {
  awk -v kinds="${leak_kinds[*]}" '{ n[$1]++ } END { split(kinds, k, " "); for (i = 1; i in k; i++) printf "%d ", n[k[i]] }'
}
