internal import Glibc

/// Seconds since 1970, clock_gettime(2) of `CLOCK_REALTIME`: it jumps when somebody sets it.
package func secondsSince1970() -> Int64 { now(CLOCK_REALTIME).seconds }

/// Seconds since boot, of `CLOCK_BOOTTIME`: it never jumps, and goes on while the machine sleeps.
package func secondsSinceBoot() -> Int64 { now(CLOCK_BOOTTIME).seconds }

/// Milliseconds since boot, of `CLOCK_BOOTTIME`.
package func millisecondsSinceBoot() -> Int64 {
  let time = now(CLOCK_BOOTTIME)
  return time.seconds * 1000 + time.nanoseconds / 1_000_000
}

/// Sleeps at least so long.
package func sleep(milliseconds: Int64) {
  usleep(useconds_t(clamping: milliseconds * 1000))
}

private func now(_ clock: clockid_t) -> (seconds: Int64, nanoseconds: Int64) {
  var time = timespec()
  _ = unsafe clock_gettime(clock, &time)
  return (Int64(time.tv_sec), Int64(time.tv_nsec))
}
