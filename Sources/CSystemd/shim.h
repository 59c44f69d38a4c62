// sd_journal_sendv(3), sd_notify(3), sd_pid_get_unit(3) and sd-bus(3); the variadic relatives cannot be called from Swift.
// SD_JOURNAL_SUPPRESS_LOCATION: else a macro adds the C call site's CODE_FILE= field.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <sys/uio.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-login.h>
