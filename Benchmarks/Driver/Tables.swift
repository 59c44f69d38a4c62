/// A section of RESULTS.md: one table of samples.
struct Table {
  let name: String
  let title: String
  /// What is compared with what, and how it is measured; Markdown.
  let text: String
  /// The variant that all others are divided by; nil where that says nothing.
  var yardstick: String?
  /// Between which numbers of instances slopes are listed.
  var slopes: [(from: Int, to: Int)] = []
  var plots: [Plot] = []

  struct Plot {
    let metric: String
    let isLogarithmic: Bool
  }
}

/// Every section, in the order of RESULTS.md; a suite fills the table of that name.
let tables: [Table] = [
  Table(
    name: "generator", title: "Generator: files to units",
    text: """
      The whole process, on a tmpfs, into directories that are empty each time. Each instance is a
      file with two keys and a tunnel; it becomes three services, a directory, two links and two
      lines of a drop-in. `c` is [a C program](yardsticks/generator.c) that reads the same files,
      decodes the keys, computes the public key of each private key with libsodium (a peer that is
      ourselves is refused) and writes the same bytes, names and links, which the suite compares;
      `c-no-key-check` leaves out the public keys. Of the peers, `fstab-generator` gets a tmpfs for
      each instance (one unit and one link), `fstab-generator-device` a device with a time-out and a
      file system to check (one unit, one link, a directory and a drop-in), and `netplan` a
      WireGuard tunnel with the same values (two files; `generate --root-dir`). Instructions are
      those in user mode, of valgrind's callgrind; system calls those that strace counts, exec
      included.
      """,
    yardstick: "c", slopes: [(1, 1000), (1, 10_000)],
    plots: [
      .init(metric: "wall-us", isLogarithmic: true), .init(metric: "wall-us", isLogarithmic: false),
    ]),
  Table(
    name: "manager", title: "Loading: what PID 1 pays for the units",
    text: """
      CPU time of `systemd --test --system`, which loads what the default target wants and stops;
      it lists it all, too, so this is an upper bound. N = 0 is the same without a unit of ours.
      `disabled`: our generator's units, and nothing wants them; `enabled`: the default target wants
      every instance; `original-…`: three services and a target [as they were](peers/original-units)
      before there was a generator, copied for each instance.
      """,
    yardstick: "original-enabled", slopes: [(0, 1000)]),
  Table(
    name: "daemon-reload", title: "Loading: a real daemon-reload",
    text: """
      In a container whose PID 1 is systemd: the time of `systemctl daemon-reload`, generators
      included, and what PID 1 itself used for it (user and system time of /proc/1/stat, without its
      children; it counts in hundredths of a second). `loaded-units` is how many units systemd then
      held, less those it holds of an empty set. The variants are those of the table before.
      """,
    yardstick: "original-enabled", slopes: [(0, 1000)]),
  Table(
    name: "bring-up", title: "Stages: bring-up and tear-down", text: "", yardstick: "c-libmnl"),
  Table(name: "start-stop", title: "systemctl start and stop", text: "", yardstick: "original"),
  Table(
    name: "footprint", title: "Memory, size, shared libraries",
    text: """
      `bytes`: the file, stripped as it is installed. `max-rss-kib`: the most memory that was
      resident, by GNU time, which cannot see less than its own start (some 1.5 MiB), with pages of
      shared libraries that others have, too. `shared-libraries`: all that ldd names, itself and
      the vDSO not counted. The generator turns one file into units, nswg-stage checks one and
      makes a namespace, nswg shows its help; `bash` and `wg` do next to nothing, `ip` adds a
      link, and wg-quick strips a file.
      """),
  Table(name: "throughput", title: "Throughput inside the namespace", text: "", yardstick: "plain"),
  Table(name: "handshake", title: "Start that waits for a handshake", text: "", yardstick: nil),
  Table(name: "scale", title: "Scale", text: "", yardstick: nil),
]
