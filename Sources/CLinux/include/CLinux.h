// What Swift's Glibc module lacks. Every entry says which gap it fills.
//
// _GNU_SOURCE is defined for CLinux.c only: defined here it would change structs
// (fd_set) that other modules have already seen.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Kernel headers: no Linux user-space API header is part of the Glibc module.
// linux/if.h is left out on purpose: it makes IFNAMSIZ ambiguous with Glibc's.
#include <linux/filter.h>
#include <linux/genetlink.h>
#include <linux/if_addr.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/net_namespace.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/veth.h>
#include <linux/wireguard.h>

// setns(2), unshare(2): declared under _GNU_SOURCE only. Return 0 or -errno.
int clinux_setns(int fd, int nstype);
int clinux_unshare(int flags);

// strerrorname_np(3), strerrordesc_np(3): _GNU_SOURCE only. NULL for an unknown number.
const char *clinux_errno_name(int number);
const char *clinux_errno_description(int number);

// pidfd_open(2), pidfd_send_signal(2): glibc 2.36 has them, older ones do not; syscall(2) is
// variadic, which Swift cannot call. Return a descriptor or 0, or -errno.
int clinux_pidfd_open(int pid);
int clinux_pidfd_send_signal(int pidfd, int signal);

// makedev(3) parts of st_dev are macros.
uint32_t clinux_major(uint64_t device);
uint32_t clinux_minor(uint64_t device);

// fstatfs(2) is not in the Glibc module. 1 when the descriptor is of nsfs, the file system of
// namespaces, 0 when not, or -errno.
int clinux_is_namespace(int fd);

// open_tree(2), mount_setattr(2) and move_mount(2), Linux 5.12: glibc has them since 2.36. Each works on
// a directory, or on the descriptor of a copy of its mounts that is mounted nowhere yet. Return a
// descriptor or 0, or -errno.
int clinux_copy_mounts(const char *directory);
int clinux_set_propagation(int copy, unsigned long propagation);
int clinux_attach_mounts(int copy, const char *directory);

// fork(2), which Swift does not have, and execvpe(3) of `program argument1 argument2`, found by PATH,
// in a session of its own, with stdin from /dev/null, and stdout and stderr to our stderr or, when
// `silent`, to /dev/null. Nothing of our environment is passed on but PATH. The process waits for
// clinux_let_go, and ends when `gate` is closed before. Returns the process number, or -errno.
int clinux_spawn_held(const char *program, const char *argument1, const char *argument2,
                      int silent, int *gate);

// Returns when the program runs: 0, or -errno when there is no such program or it does not run
// within ten seconds. Once for a gate.
int clinux_let_go(int gate);

// posix_openpt(3) and its relatives are declared under _XOPEN_SOURCE only. Opens a pseudo-terminal and
// its other end, without making it the controlling one; `name` gets the path of that, with its NUL.
// Returns 0, or -errno.
int clinux_open_terminal(int *controller, int *terminal, char *name, size_t size);

// sys/signalfd.h is not in the Glibc module. Blocks the signals for the whole process and returns a
// descriptor that they are read from, or -errno.
int clinux_open_signals(const int *signals, size_t count);

// The next signal's number, or -errno.
int clinux_read_signal(int descriptor);
