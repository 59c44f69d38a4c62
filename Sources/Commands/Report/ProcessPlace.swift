internal import Stage
internal import SystemCalls

/// Where a process is.
enum ProcessPlace {
  /// By the inode of its network namespace, which root may see of every process.
  static func find(
    _ process: Int32, namespace: ObservedInstance.Namespace?
  ) -> AttachedReport.Place {
    do throws(SystemError) {
      guard let own = try fileStatus("/proc/\(process)/ns/net")?.identity else { return .nowhere }
      guard let namespace else { return .unknown("the VPN has no namespace") }
      if own == namespace.identity { return .inside(own.inode) }
      let host = try fileStatus("/proc/1/ns/net")?.identity
      return .outside(own.inode, isHost: own == host)
    } catch {
      return .unknown("only root may look at process \(process)")
    }
  }
}
