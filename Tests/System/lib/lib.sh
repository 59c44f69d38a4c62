# lib.sh: all of the test library; what a case sources first.
# shellcheck shell=bash
nswg_test=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=check.sh
. "$nswg_test/check.sh"
# shellcheck source=state.sh
. "$nswg_test/state.sh"
# shellcheck source=provider.sh
. "$nswg_test/provider.sh"
# shellcheck source=http.sh
. "$nswg_test/http.sh"
# shellcheck source=instance.sh
. "$nswg_test/instance.sh"
# shellcheck source=inside.sh
. "$nswg_test/inside.sh"
# shellcheck source=many.sh
. "$nswg_test/many.sh"
# shellcheck source=dns.sh
. "$nswg_test/dns.sh"
# shellcheck source=fault.sh
. "$nswg_test/fault.sh"
