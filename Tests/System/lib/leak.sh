# leak.sh: what leak tests need besides lib.sh.
# shellcheck shell=bash disable=SC2154  # variables of lib.sh
# shellcheck source=lan.sh
. "$nswg_test/lan.sh"
# shellcheck source=capture.sh
. "$nswg_test/capture.sh"
# shellcheck source=matrix.sh
. "$nswg_test/matrix.sh"
# shellcheck source=states.sh
. "$nswg_test/states.sh"
