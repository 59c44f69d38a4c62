# state.sh: everything that the product could leave behind on a machine, as text to compare before and after.
# shellcheck shell=bash

# snapshot: one line for each thing there is, the kind first, sorted. Indexes, counters and process ids are
# left out, as they differ without any leftover.
snapshot() {
  {
    find /run/netns -mindepth 1 -printf 'namespace %f\n' 2>/dev/null
    ip -oneline link show | sed -E 's/^[0-9]+: ([^:@]+).* mtu ([0-9]+) .*/link \1 mtu \2/'
    ip -oneline address show | awk '{ print "address", $2, $4 }'
    ip -4 -oneline route show table all | sed 's/^/route4 /'
    ip -6 -oneline route show table all | sed -E 's/^/route6 /; s/ expires [0-9]+sec//'
    ip -4 rule show | sed 's/^/rule4 /'
    ip -6 rule show | sed 's/^/rule6 /'
    nft list ruleset | sed 's/^/nft /'
    awk '$5 ~ "^/run/(netns|credentials)(/|$)" { print "mount", $5 }' /proc/1/mountinfo
    ps -e -o comm=,args= | awk '$1 ~ /^(wireguard-go|nswg-)/ { $1 = ""; print "process" $0 }'
    find /run/wireguard /run/namespaced-wireguard-vpn -mindepth 1 -printf 'file %p\n' 2>/dev/null
    find /etc/netns -printf 'file %p\n' 2>/dev/null
    grep '' /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv[46]/conf/*/forwarding | sed 's/^/setting /'
    # The socket for name lookups is not an instance's: the first that asks starts it, and it stays.
    systemctl list-units --all --plain --no-legend --no-pager 'namespaced-wireguard-vpn*' |
      awk '$1 != "namespaced-wireguard-vpn-resolve.socket" && $3 != "inactive" { print "unit", $1, $3 }'
  } | sed 's/[[:space:]]*$//' | sort
}

# unchanged SNAPSHOT: the machine is as it was then; prints the difference otherwise.
unchanged() { diff --label before --label now -U 0 <(printf '%s\n' "$1") <(snapshot); }
