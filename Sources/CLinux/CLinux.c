// Thin wrappers, see CLinux.h. The only file compiled with _GNU_SOURCE.
#include "CLinux.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int clinux_setns(int fd, int nstype) { return setns(fd, nstype) == 0 ? 0 : -errno; }

int clinux_unshare(int flags) { return unshare(flags) == 0 ? 0 : -errno; }

const char *clinux_errno_name(int number) { return strerrorname_np(number); }

const char *clinux_errno_description(int number) { return strerrordesc_np(number); }

int clinux_pidfd_open(int pid) {
    long fd = syscall(SYS_pidfd_open, pid, 0);
    return fd < 0 ? -errno : (int)fd;
}

int clinux_pidfd_send_signal(int pidfd, int signal) {
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

uint32_t clinux_major(uint64_t device) { return major(device); }

uint32_t clinux_minor(uint64_t device) { return minor(device); }
