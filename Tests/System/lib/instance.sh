# instance.sh: an instance's units and what they say.
# shellcheck shell=bash

# stage ARG... and generator ARG...: the product's programs, by hand.
stage() { /usr/lib/namespaced-wireguard-vpn/nswg-stage "$@"; }
generator() { /usr/lib/systemd/system-generators/nswg-systemd-generator "$@"; }

# unit netns|wg|tunnel NAME
unit() { echo "namespaced-wireguard-vpn-$1@$2.service"; }
target() { echo "namespaced-wireguard-vpn@$1.target"; }

# config_path NAME
config_path() { echo "/etc/namespaced-wireguard-vpn.d/$1.conf"; }

# unit_states NAME: one line with the state of each unit of the instance.
unit_states() {
  local states=() state stage
  for stage in netns wg tunnel; do
    state=$(systemctl is-active "$(unit "$stage" "$1")")
    states+=("$stage=$state")
  done
  state=$(systemctl is-active "$(target "$1")")
  echo "${states[*]} target=$state"
}

# states_are "netns=active ..." NAME
states_are() { same "$1" "$(unit_states "$2")"; }

# vpn_start NAME...: start instances by their targets.
vpn_start() {
  local name targets=()
  for name; do targets+=("$(target "$name")"); done
  systemctl start "${targets[@]}"
}

# vpn_stop NAME...: stop instances by their targets. systemctl waits for the targets only; this, for the services.
vpn_stop() {
  local name targets=()
  for name; do targets+=("$(target "$name")"); done
  systemctl stop "${targets[@]}" || return
  for name; do within 15 vpn_is_down "$name" || return; done
}

# vpn_is_down NAME: none of its units is active or on its way.
vpn_is_down() { not grep -E '=(active|activating|deactivating|reloading)' <<<"$(unit_states "$1")"; }

# vpn_is_up NAME [no-tunnel]: all of its units are active.
vpn_is_up() {
  local tunnel=active
  [ "${2:-}" != no-tunnel ] || tunnel=inactive
  states_are "netns=active wg=active tunnel=$tunnel target=active" "$1"
}

# unit_says UNIT: what a user sees of a unit, its status and its last messages.
unit_says() {
  journalctl --sync
  systemctl status --no-pager --full --lines=100 "$1"
}

# status_has UNIT TEXT: `systemctl status` shows it.
status_has() { has "$(unit_says "$1")" "$2"; }

# kernel_log: what generators wrote, a record a line: in a container it is kept without their ends.
kernel_log() {
  if [ "$NSWG_KIND" = container ]; then
    sed -E 's/<[0-9]+>/\n&/g' /run/testbed/kmsg.log
  else
    journalctl --sync
    journalctl --quiet --dmesg --output=cat
  fi
}

# drop_in UNIT LINES: a drop-in until the next boot; systemd is reloaded.
drop_in() {
  mkdir -p "/run/systemd/system/$1.d"
  printf '%s\n' "$2" >"/run/systemd/system/$1.d/test.conf"
  systemctl daemon-reload
}

# drop_in_remove UNIT
drop_in_remove() {
  rm -r "/run/systemd/system/$1.d"
  systemctl daemon-reload
}

# check_own_key_refused: the instance `work` with its own public key for that of its peer, stopped afterwards.
check_own_key_refused() {
  local path key_file=/root/own.key said
  path=$(config_path work)
  sed -i "s|^WIREGUARD_VPN_PUBLIC_KEY=.*|WIREGUARD_VPN_PUBLIC_KEY=$(public_key "$path")|" "$path"
  said="$path:$(grep -n ^WIREGUARD_VPN_PUBLIC_KEY= "$path" | cut -d : -f 1):26: WIREGUARD_VPN_PUBLIC_KEY=: the value is our own public key, made from WIREGUARD_PRIVATE_KEY=;"
  systemctl daemon-reload
  check "the start fails" not vpn_start work
  # The start has failed as soon as the first of the services has.
  check "and says where" within 10 status_has "$(unit wg work)" "$said"
  check "so does nswg-stage check" has "$(stage check "$path" 2>&1)" "$said"
  # The generator does not read a private key that is elsewhere; the stage finds out what WireGuard did.
  (umask 077 && sed -n 's/^WIREGUARD_PRIVATE_KEY=//p' "$path" >$key_file)
  sed -i "s|^WIREGUARD_PRIVATE_KEY=.*|WIREGUARD_PRIVATE_KEY_FILE=$key_file|" "$path"
  systemctl daemon-reload
  check "with the private key in a file of its own the start fails, too" not vpn_start work
  check "and says why" status_has "$(unit wg work)" "is our own, made from our private key; it must be the provider's"
  check "no interface was left inside" same "" "$(ip -n work -oneline link show type wireguard)$(ip -n work -oneline link show dev wg-work 2>/dev/null)"
  vpn_stop work
  rm $key_file
  systemctl reset-failed
}
