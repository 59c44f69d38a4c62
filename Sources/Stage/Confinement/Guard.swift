internal import GeneratorCore
internal import SystemCalls

/// Makes sure that this process, and so the service that it is part of, is inside a VPN's namespace.
///
/// systemd goes on in the host's namespace when it may not join another, and only logs that. It
/// runs inside the service's own confinement and needs no privilege: the record is for everybody
/// to read, and so is what this process itself is in.
func assertInside(_ name: InstanceName, stateRoot: String) throws(StageError) {
  let path = "\(stateRoot)/\(name)/\(StageName.netns.rawValue)"
  guard let bytes = try system(try readExisting(path, limit: StateRecord.sizeLimit)) else {
    throw StageError("the VPN is not up: there is no '\(path)'; not starting outside of it")
  }
  guard let recorded = StateRecord(parsing: bytes).namedNamespace else {
    throw StageError("the VPN's namespace is not ready; not starting outside of it")
  }
  guard let own = try system(try fileStatus("/proc/thread-self/ns/net")) else {
    throw StageError("cannot see this process's own namespace; is there no /proc?")
  }
  guard own.identity == recorded.identity else {
    let isHost = (try? isInNamespaceOfInit()) ?? false
    throw StageError(
      "this service runs in \(isHost ? "the host's network namespace" : "another network namespace")"
        + " and not in '\(recorded.path)'; not starting it. systemd logs why it could not join, and"
        + " NetworkNamespacePath= must be '\(recorded.path)'")
  }
}
