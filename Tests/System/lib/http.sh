# http.sh: an ordinary service that runs inside a VPN's namespace.
# shellcheck shell=bash

# http_start UNIT INSTANCE NAMESPACE TEXT: a service that answers TEXT on TCP port 80 inside NAMESPACE, tied to
# that instance's namespace unit the way the manual tells users to.
http_start() {
  systemd-run --quiet --collect --service-type=exec --unit="$1" \
    --property=BindsTo="namespaced-wireguard-vpn-netns@$2.service" \
    --property=After="namespaced-wireguard-vpn-netns@$2.service" \
    --property=NetworkNamespacePath="/run/netns/$3" \
    systemd-socket-activate --listen=80 --accept --inetd /usr/lib/nswg-test/http-answer "$4"
}

# http_get ADDRESS [COMMAND...]: what is served there, asked for from inside COMMAND (default: from the host).
http_get() {
  local host=$1
  shift
  case $host in *:*) host=[$host] ;; esac
  "$@" curl --silent --show-error --max-time 3 --noproxy '*' "http://$host/"
}

# confined NAMESPACE COMMAND...: run COMMAND as a systemd service with NetworkNamespacePath=.
confined() {
  local namespace=$1
  shift
  systemd-run --quiet --wait --pipe --collect --property=NetworkNamespacePath="/run/netns/$namespace" "$@"
}
