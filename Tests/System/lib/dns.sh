# dns.sh: a name server on the Internet.
# shellcheck shell=bash

# dns_start N NAME=ADDRESS...: on provider N's address; the host does not use it by that alone.
dns_start() {
  local n=$1
  shift
  systemd-run --quiet --collect --service-type=exec --unit=nswg-test-dns \
    --property=NetworkNamespacePath="/run/netns/provider$n" \
    /usr/lib/nswg-test/dns-answer "$(internet_address "$n" provider)" "$@"
}

# dns_questions: what it was asked since its start, and by whom.
dns_questions() {
  journalctl --sync
  journalctl --quiet --output=cat --unit=nswg-test-dns.service | grep 'asked by'
}
