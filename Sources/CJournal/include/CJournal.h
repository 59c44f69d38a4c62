// What a stage says to systemd, by libsystemd, loaded when there is something to say: on Debian 12 the
// six libraries that it needs itself take longer to load than a stage takes to bring a tunnel down, and
// `nswg-stage assert`, which every attached service waits for, says nothing when all is well.
//
// Each returns what libsystemd's function returns, or -ELIBACC where there is no such library.
#pragma once

#include <sys/uio.h>

// sd_notify(3) of this process.
int cjournal_notify(const char *state);

// sd_journal_sendv(3).
int cjournal_send(const struct iovec *fields, int count);

// sd_pid_get_unit(3) of this process; what it sets `unit` to is the caller's to free(3).
int cjournal_unit(char **unit);
