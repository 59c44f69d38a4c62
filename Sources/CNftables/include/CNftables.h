// nftables' own library, libnftables(3), loaded when it is used: it needs half a dozen others, and
// most runs of a stage have no rules to load.
#pragma once

#include <stddef.h>

// Runs nft(8) commands in the calling thread's network namespace, all of them or none.
//
// Returns 0; or -1 with nft's words in `error`, cut to `size` bytes with the final NUL; or -2 when
// there is no such library, with the reason of dlopen(3).
int cnftables_run(const char *commands, char *error, size_t size);
