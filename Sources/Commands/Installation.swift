internal import GeneratorCore
internal import SystemCalls

/// Where the other programs are: beside this one, so that a staged or /usr/local installation works.
enum Installation {
  static var paths: InstalledPaths {
    let own = (try? symbolicLinkTarget("/proc/self/exe")) ?? ""
    let packaged = "/usr/lib/systemd/system-generators/nswg-systemd-generator"
    let path =
      own.hasSuffix("/bin/nswg")
      ? "\(own.dropLast("/bin/nswg".count))/lib/systemd/system-generators/nswg-systemd-generator"
      : packaged
    return InstalledPaths(besideGenerator: path)
      ?? InstalledPaths(
        stage: "/usr/lib/\(packageName)/nswg-stage", units: "/usr/lib/systemd/system")
  }
}
