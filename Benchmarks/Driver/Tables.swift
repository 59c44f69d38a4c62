/// A section of RESULTS.md: one table of samples.
struct Table {
  let name: String
  let title: String
  /// What is compared with what, and how it is measured; Markdown.
  let text: String
  /// The variants that others are divided by: one for all, or that with the same end, as `-up`.
  var yardsticks: [String] = []
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
    yardsticks: ["c"], slopes: [(1, 1000), (1, 10_000)],
    plots: [
      .init(metric: "wall-us", isLogarithmic: true), .init(metric: "wall-us", isLogarithmic: false),
    ]),
  Table(
    name: "manager", title: "Loading: what PID 1 pays for the units",
    text: """
      `systemd --test --system`, which loads what multi-user.target wants and stops. It lists it
      all, too, so this is an upper bound. N = 0 is the same without a unit of ours. Our generator
      wrote units for all 1,000: `disabled`, nothing wants any of them; `one-enabled`,
      multi-user.target wants the first; `enabled`, it wants all. `original-enabled`: three services
      and a target [as they were](peers/original-copies) before there was a generator, copied for
      each instance, all wanted. An instance that is not enabled costs the reading of its directory
      entries.
      """,
    yardsticks: ["original-enabled"], slopes: [(0, 1000)]),
  Table(
    name: "daemon-reload", title: "Loading: a real daemon-reload",
    text: """
      In a container whose PID 1 is systemd: the time of `systemctl daemon-reload`, generators
      included, and `manager-cpu-us`, for how long PID 1 itself was running in it (/proc/1/schedstat,
      so without the generators). Each set is loaded once before it is measured. `loaded-units` is
      how many units of ours systemd then holds. N = 0 was measured once for all variants, which are
      those of the table before.
      """,
    yardsticks: ["original-enabled"], slopes: [(0, 1000)]),
  Table(
    name: "bring-up", title: "Stages: bring-up and tear-down",
    text: """
      In a virtual machine with WireGuard in its kernel: netns, wg and tunnel of one VPN, as whole
      processes, up and down. `nswg` is nswg-stage; `c` a C program for each stage that sends the
      same messages over libmnl; `original` the original's way, a shell script for each stage that
      calls ip and wg; `wg-quick` is `wg-quick up` in a namespace that ip made; `batch` is
      `ip -batch` and `wg setconf`. Each is looked at first, whether the VPN is then there.
      """,
    yardsticks: ["c-up", "c-down", "c-netns-up", "c-wg-up", "c-tunnel-up"]),
  Table(
    name: "bring-up-native", title: "Stages, without WireGuard",
    text: "The same on the machine itself, which has no WireGuard in its kernel: netns and tunnel.",
    yardsticks: ["c-up", "c-down", "c-netns-up", "c-tunnel-up"]),
  Table(
    name: "start-stop", title: "systemctl start and stop",
    text: """
      N VPNs at once, until all their units are active, and until none is; in a virtual machine.
      `original`: its three scripts as units for each instance.
      """,
    yardsticks: ["original-start", "original-stop"],
    plots: [.init(metric: "wall-us", isLogarithmic: true)]),
  Table(
    name: "start-stop-userspace", title: "systemctl start and stop with wireguard-go",
    text: "The same in a container, without WireGuard in its kernel.",
    yardsticks: ["original-start", "original-stop"]),
  Table(
    name: "footprint", title: "Memory, size, shared libraries",
    text: """
      `bytes`: the file, stripped as it is installed. `max-rss-kib`: the most memory that was
      resident, by GNU time, which cannot see less than its own start (some 1 MiB), with pages of
      shared libraries that others have, too. `shared-libraries`: all that ldd names, itself and
      the vDSO not counted. The generator turns one file into units, nswg-stage checks one and
      makes a namespace, nswg shows its help; `bash` and `wg` do next to nothing, `ip` adds a
      link, and wg-quick strips a file.
      """),
  Table(
    name: "throughput", title: "Throughput inside the namespace",
    text: """
      iperf3 over the kernel's WireGuard in a virtual machine: `nswg` from inside a VPN, `bare` over
      the same interface on the host; `pair` is the ratio of two runs that followed each other.
      """,
    yardsticks: ["bare"]),
  Table(
    name: "handshake", title: "Start that waits for a handshake",
    text: """
      From `systemctl start` to the first answered packet, to a peer behind a link with a delay:
      `nswg` waits for the handshake, `original` for an answer in a loop of pings; a `gate` alone is
      that of a VPN that was up before; `round-trip` is an answered packet when the session is there.
      """),
  Table(
    name: "handshake-userspace", title: "Start that waits for a handshake, with wireguard-go",
    text: "The same in a container, at the machine's own speed, and without the delay."),
  Table(
    name: "scale", title: "Scale",
    text: """
      500 instances that run at once, started and stopped 50 at a time, in a container with wireguard-go;
      and 5,000 peers with ten networks each in one instance, in a virtual machine with the kernel's
      WireGuard: `wg-up` and `wg-down` are the stage, `wg-setconf` and `ip-batch` together do what
      `wg-up` does. Of the peak memory of the latter some MB are those of the perl that measures.
      """),
]

extension Table {
  /// Nil when there is none for this variant.
  func yardstick(of variant: String, among yardsticks: [String]) -> String? {
    if yardsticks.count == 1 { return yardsticks[0] }
    func ending(_ name: String) -> Substring { name.drop { $0 != "-" } }
    return yardsticks.filter { variant.hasSuffix(ending($0)) }
      .max { ending($0).count < ending($1).count }
  }
}
