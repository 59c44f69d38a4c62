// Thin wrappers, see CLinux.h. The only file compiled with _GNU_SOURCE.
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
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

int clinux_is_namespace(int fd) {
    struct statfs status;
    if (fstatfs(fd, &status) != 0) return -errno;
    return status.f_type == NSFS_MAGIC;
}

int clinux_copy_mounts(const char *directory) {
    unsigned int flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE;
    long fd = syscall(SYS_open_tree, AT_FDCWD, directory, flags);
    return fd < 0 ? -errno : (int)fd;
}

int clinux_set_propagation(int copy, unsigned long propagation) {
    struct mount_attr attributes = {.propagation = propagation};
    unsigned int flags = AT_EMPTY_PATH | AT_RECURSIVE;
    long result = syscall(SYS_mount_setattr, copy, "", flags, &attributes, sizeof(attributes));
    return result < 0 ? -errno : 0;
}

int clinux_attach_mounts(int copy, const char *directory) {
    long result =
        syscall(SYS_move_mount, copy, "", AT_FDCWD, directory, MOVE_MOUNT_F_EMPTY_PATH);
    return result < 0 ? -errno : 0;
}

// The child's part. A fault of execvpe(3) goes back through `gate`, which a success closes.
static void run_held(int gate, const char *program, const char *argument1, const char *argument2,
                     int silent) {
    // execvpe(3) takes the strings as mutable but does not change them.
    char *const arguments[] = {(char *)program, (char *)argument1, (char *)argument2, NULL};
    char *const environment[] = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LOG_LEVEL=error",
        NULL};
    char go;
    if (read(gate, &go, 1) != 1) _exit(127);  // whoever was to let us go has died
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (setsid() >= 0 && null >= 0 && dup2(null, 0) == 0 && (!silent || dup2(null, 2) == 2) &&
        dup2(2, 1) == 1)
        execvpe(program, arguments, environment);
    int error = errno;
    if (write(gate, &error, sizeof error) < 0) _exit(126);
    _exit(127);
}

int clinux_spawn_held(const char *program, const char *argument1, const char *argument2,
                      int silent, int *gate) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -errno;
    pid_t process = fork();
    if (process == 0) {
        close(ends[0]);  // or we would never see it closed
        run_held(ends[1], program, argument1, argument2, silent);
    }
    int error = errno;
    close(ends[1]);
    if (process < 0) {
        close(ends[0]);
        return -error;
    }
    *gate = ends[0];
    return process;
}

int clinux_let_go(int gate) {
    int error = 0;
    if (send(gate, "", 1, MSG_NOSIGNAL) != 1) return -errno;
    struct pollfd answer = {.fd = gate, .events = POLLIN};
    int ready = poll(&answer, 1, 10000);
    if (ready <= 0) return ready == 0 ? -ETIMEDOUT : -errno;
    ssize_t count = recv(gate, &error, sizeof error, 0);
    if (count < 0) return -errno;
    return count == 0 ? 0 : count == sizeof error ? -error : -EPROTO;
}

int clinux_open_terminal(int *controller, int *terminal, char *name, size_t size) {
    int first = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (first < 0) return -errno;
    int error = 0;
    if (grantpt(first) != 0 || unlockpt(first) != 0) error = errno;
    if (!error) error = ptsname_r(first, name, size);
    int second = error ? -1 : open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (!error && second < 0) error = errno;
    if (error) {
        close(first);
        return -error;
    }
    *controller = first;
    *terminal = second;
    return 0;
}

int clinux_open_signals(const int *signals, size_t count) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < count; i++) sigaddset(&set, signals[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -errno;
    int descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return descriptor < 0 ? -errno : descriptor;
}

int clinux_read_signal(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t count = read(descriptor, &info, sizeof info);
    if (count < 0) return -errno;
    return count == sizeof info ? (int)info.ssi_signo : -EPROTO;
}
