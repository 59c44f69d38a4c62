#include "CJournal.h"

#include <dlfcn.h>
#include <errno.h>
// Else a macro adds the C call site's CODE_FILE= field.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-login.h>

// Never closed: the process ends soon, and a second dlopen(3) finds it loaded.
static void *function(const char *name) {
    void *library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
    return library ? dlsym(library, name) : NULL;
}

int cjournal_notify(const char *state) {
    __typeof__(&sd_notify) notify = (__typeof__(&sd_notify))function("sd_notify");
    return notify ? notify(0, state) : -ELIBACC;
}

int cjournal_send(const struct iovec *fields, int count) {
    __typeof__(&sd_journal_sendv) send =
        (__typeof__(&sd_journal_sendv))function("sd_journal_sendv");
    return send ? send(fields, count) : -ELIBACC;
}

int cjournal_unit(char **unit) {
    __typeof__(&sd_pid_get_unit) get_unit =
        (__typeof__(&sd_pid_get_unit))function("sd_pid_get_unit");
    return get_unit ? get_unit(0, unit) : -ELIBACC;
}
