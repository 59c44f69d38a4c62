#!/bin/bash
# What `make demo` shows, inside the container: two VPN providers, two config files, two isolated VPNs.
# It ends with yes or no for each claim, and with an exit status that says whether all were yes.
set -u
exec 2>&1
# shellcheck source=../Tests/System/lib/state.sh
. /usr/lib/nswg-test/state.sh
# shellcheck source=../Tests/System/lib/provider.sh
. /usr/lib/nswg-test/provider.sh
export SYSTEMD_PAGER='' SYSTEMD_COLORS=0

claims=() refuted=0

step() { printf '\n=== %s\n' "$*"; }

# print_command COMMAND...: as one would type it.
print_command() {
  local word
  printf '\n$'
  for word; do
    case $word in
      '' | *[!A-Za-z0-9_@%+=:,./[\]-]*) printf " '%s'" "$word" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  echo
}

# show COMMAND...: print the command, then run it.
show() {
  print_command "$@"
  "$@"
}

# claim WHAT: a line of the summary. What `expect` found amiss since the last claim counts against it.
amiss=0
claim() {
  if [ "$amiss" = 0 ]; then
    claims+=("yes  $1")
  else
    claims+=("NO   $1")
    refuted=$((refuted + 1))
  fi
  amiss=0
}

# expect WHAT COMMAND...: COMMAND must succeed for the next claim to hold.
expect() {
  local what=$1
  shift
  "$@" >/dev/null && return
  echo "--> not so: $what"
  amiss=$((amiss + 1))
}

# ask COMMAND...: show a request that may need some tries (a first handshake takes its time); keeps the answer.
answer=''
ask() {
  print_command "$@"
  for _ in {1..10}; do
    answer=$("$@" 2>&1) && break
    sleep 0.3
  done
  echo "$answer"
}

curl=(curl --silent --show-error --max-time 2)

# interface NAMESPACE: the one besides lo that is not a veth end. veth NAMESPACE: the one that is.
veth() { ip -n "$1" -oneline link show type veth | sed -nE '1s/^[0-9]+: ([^:@]+).*/\1/p'; }
interface() { ip -n "$1" -oneline link show | sed -E 's/^[0-9]+: ([^:@]+).*/\1/' | grep -vxF -e lo -e "$(veth "$1")" | head -n 1; }
veth_address() { ip -n "$1" -4 -oneline address show dev "$(veth "$1")" | awk '{ sub("/.*", "", $4); print $4; exit }'; }

kind=$(wireguard_kind)
case $kind in
  kernel) wireguard="the kernel's" ;;
  *) wireguard="wireguard-go, in user space: this kernel ($(uname -r)) has none of its own" ;;
esac

step "A machine of its own: $(systemctl --version | head -n 1); WireGuard: $wireguard"
ip link set lo up
systemctl is-system-running

step "Two VPN providers, each in a namespace of its own, behind a veth pair that plays the Internet"
for n in 1 2; do
  provider_start "$n" || exit 125
  echo "provider $n: UDP $(provider_endpoint "$n"); inside, a web server on 10.64.$n.1 and fd64:$n::1 that answers with the address it sees"
done
provider_default 1
ask "${curl[@]}" "http://$(internet_address 1 provider)/"
echo "(So provider 1 sees this machine, without a VPN, as $answer.)"

step "Two config files, one with nothing but what a provider hands out, one with names of its own"
provider_config 1 work
provider_config 2 home NETNS_NAME=home-vpn WIREGUARD_NAME=wg-home TUNNEL_ENABLE=1 \
  TUNNEL_INIT_NAME=home-out TUNNEL_INIT_IP_ADDRESSES=10.99.0.1/30 \
  TUNNEL_VPN_NAME=home-in TUNNEL_VPN_IP_ADDRESSES=10.99.0.2/30
for name in work home; do
  show sed -E 's/(PRIVATE_KEY|PRESHARED_KEY)=.*/\1=(not shown)/' "/etc/namespaced-wireguard-vpn.d/$name.conf"
done
declare -A namespace=([work]=work [home]=home-vpn) number=([work]=1 [home]=2)
before=$(snapshot)

step "Reload, start"
show systemctl daemon-reload
show systemctl start namespaced-wireguard-vpn@work.target namespaced-wireguard-vpn@home.target
expect "systemctl start succeeds" test $? = 0
claim "both targets start"

step "The units"
show systemctl list-units --all --no-legend 'namespaced-wireguard-vpn*@*'
for name in work home; do
  show systemctl status --no-pager --lines 3 "namespaced-wireguard-vpn-*@$name.service"
  for unit in "@$name.target" "-netns@$name.service" "-wg@$name.service" "-tunnel@$name.service"; do
    expect "namespaced-wireguard-vpn$unit is active" systemctl is-active "namespaced-wireguard-vpn$unit"
  done
  claim "$name: its target and its three services are active"
done

step "What is in each namespace"
for name in work home; do
  inside=${namespace[$name]}
  show ip -n "$inside" -brief address
  show ip -n "$inside" route
  show ip -n "$inside" -6 route
  link=$(interface "$inside")
  veth=$(veth "$inside")
  expect "there is a WireGuard interface" test -n "$link"
  expect "there is nothing but lo, $link and $veth" \
    test -z "$(ip -n "$inside" -oneline link show | grep -vE "^[0-9]+: (lo|$link|$veth)[:@]")"
  for family in 4 6; do
    expect "the IPv$family default route leads into $link" grep -q . <(ip -n "$inside" "-$family" route show default dev "$link")
  done
  claim "$name: in its namespace only lo, the tunnel's veth end and ${link:-nothing}, into which both default routes lead"
done

step "Whom each provider sees"
for name in work home; do
  n=${number[$name]} inside=${namespace[$name]}
  ask ip netns exec "$inside" "${curl[@]}" "http://10.64.$n.1/"
  expect "it is seen as 10.64.$n.2" test "$answer" = "10.64.$n.2"
  ask ip netns exec "$inside" "${curl[@]}" "http://[fd64:$n::1]/"
  expect "it is seen as fd64:$n::2" test "$answer" = "fd64:$n::2"
  # The server's address on the Internet, which the host reaches directly: from inside only the tunnel leads there.
  ask ip netns exec "$inside" "${curl[@]}" "http://$(internet_address "$n" provider)/"
  expect "on the Internet it is seen as 10.64.$n.2" test "$answer" = "10.64.$n.2"
  claim "$name: provider $n sees it as 10.64.$n.2 and fd64:$n::2, and so does the Internet (ip netns exec)"
  ask systemd-run --quiet --wait --pipe --collect -p "NetworkNamespacePath=/run/netns/$inside" \
    "${curl[@]}" "http://10.64.$n.1/"
  expect "it is seen as 10.64.$n.2" test "$answer" = "10.64.$n.2"
  claim "$name: a systemd service with NetworkNamespacePath= is seen so, too"
done

step "The host is outside of both"
for n in 1 2; do
  for url in "http://10.64.$n.1/" "http://[fd64:$n::1]/"; do
    show "${curl[@]}" "$url"
    expect "the host does not get through to $url" test $? != 0
  done
done
claim "the host reaches neither provider's inner addresses"

step "A service inside, reached from the host over the tunnel (veth)"
for name in work home; do
  inside=${namespace[$name]} netns_unit=namespaced-wireguard-vpn-netns@$name.service
  show systemd-run --quiet --collect --unit="web-$name" -p "BindsTo=$netns_unit" -p "After=$netns_unit" \
    -p "NetworkNamespacePath=/run/netns/$inside" \
    systemd-socket-activate --listen=80 --accept --inetd /usr/lib/nswg-test/http-answer "hello from $name"
  ask "${curl[@]}" "http://$(veth_address "$inside")/"
  expect "the service answers" test "$answer" = "hello from $name"
  claim "$name: a service inside answers over the tunnel's address $(veth_address "$inside")"
done

during=$(snapshot)

step "Stop"
show systemctl stop namespaced-wireguard-vpn@work.target namespaced-wireguard-vpn@home.target
expect "systemctl stop succeeds" test $? = 0
# systemctl waits for the targets, which stop first; their services follow.
for _ in {1..100}; do
  [ -n "$(systemctl list-jobs --no-legend)" ] || break
  sleep 0.1
done
show systemctl list-units --all --no-legend 'namespaced-wireguard-vpn*@*'
show ip netns list
show ip -brief link
for name in work home; do
  expect "the service inside $name has stopped" test "$(systemctl is-active "web-$name")" != active
done
claim "both targets stop, and with them the services inside"
left=$(unchanged "$before")
[ -z "$left" ] || echo "$left"
expect "nothing is left" test -z "$left"
expect "there was something that could be left" test "$during" != "$before"
claim "nothing is left: no namespace, link, address, route, rule, mount, process, file, unit"

step "Summary"
echo "$(systemctl --version | head -n 1) in a ${NSWG_KIND:-container}; WireGuard: $wireguard; $SECONDS s"
printf '  %s\n' "${claims[@]}"
if [ "$refuted" = 0 ]; then
  echo "All ${#claims[@]} claims hold."
else
  echo "$refuted of ${#claims[@]} claims do NOT hold."
fi
[ "$refuted" = 0 ]
