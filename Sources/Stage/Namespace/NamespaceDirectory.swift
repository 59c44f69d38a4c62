internal import CLinux
internal import Glibc
internal import SystemCalls

// The directory that the names of namespaces lie in, and its mount.

/// Makes `directory` a shared mount, so that a bind below it is seen in every mount namespace.
///
/// ip-netns(8) does the same. Of two that do it at once both would stack a mount
/// (systemd/systemd#2741), so it is done under a lock.
func shareNamespaceDirectory(_ directory: String) throws(SystemError) {
  try makeDirectories(directory, mode: 0o755)
  let lock = try OwnedFileDescriptor.open(directory, O_RDONLY | O_DIRECTORY)
  guard retryOnInterrupt({ flock(lock.rawValue, LOCK_EX) }) == 0 else {
    throw SystemError("flock", directory, errno: errno)
  }
  let isMounted = try isMountPoint(directory, in: "/proc/thread-self/mountinfo")
  if !isMounted && !mountOverItself(directory) {
    try bind(directory, over: directory, recursively: true)
  }
  guard unsafe mount("", directory, "none", UInt(MS_SHARED | MS_REC), nil) == 0 else {
    throw SystemError("mount", directory, errno: errno)
  }
}

/// Mounts the directory over itself in a group of peers of its own, mount_namespaces(7).
///
/// As ip-netns(8) does it, the mount is a peer of the one that it comes from, and each name is
/// mounted twice: here, and unseen below it. All of them are lines in the mountinfo that systemd
/// reads again and again to set up one service. The group has to be there before the mount is
/// attached: older mount namespaces get a copy of it in that moment, and names from it.
///
/// Returns `false` where that cannot be had: before Linux 5.12, or under a filter of system calls.
private func mountOverItself(_ directory: String) -> Bool {
  let copy = unsafe clinux_copy_mounts(directory)
  guard copy >= 0 else { return false }
  let owned = OwnedFileDescriptor(owning: copy)
  return clinux_set_propagation(owned.rawValue, UInt(MS_PRIVATE)) == 0
    && clinux_set_propagation(owned.rawValue, UInt(MS_SHARED)) == 0
    && (unsafe clinux_attach_mounts(owned.rawValue, directory)) == 0
}

/// mount(2) with `MS_BIND`.
func bind(
  _ source: String, over target: String, recursively: Bool = false
) throws(SystemError) {
  let flags = recursively ? MS_BIND | MS_REC : MS_BIND
  guard unsafe mount(source, target, "none", UInt(flags), nil) == 0 else {
    throw SystemError("mount", target, errno: errno)
  }
}

/// Whether a mountinfo file, proc(5), has a line for `path`, its fifth field; ours need no unescaping.
///
/// Byte by byte: the file has a line for every namespace that is up, and more.
func isMountPoint(_ path: String, in file: String) throws(SystemError) -> Bool {
  let bytes = try readFile(file, limit: 1 << 26)
  var field = 1
  var start = 0
  for (position, byte) in bytes.enumerated()
  where byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") {
    if field == 5 && bytes[start..<position].elementsEqual(path.utf8) { return true }
    field = byte == UInt8(ascii: "\n") ? 1 : field + 1
    start = position + 1
  }
  return false
}
