/// What confines a service to a namespace, systemd.exec(5): written into drop-ins, and given by
/// nswg(1) to the transient units that it runs commands in.
package struct ConfinementSettings: Equatable, Sendable {
  package struct ReadOnlyBind: Equatable, Sendable {
    package let source: String
    package let destination: String
    /// Whether a source that is not there is fine.
    package let isOptional: Bool

    init(_ source: String, _ destination: String, isOptional: Bool = false) {
      self.source = source
      self.destination = destination
      self.isOptional = isOptional
    }
  }

  /// What `BindsTo=` and `After=` name: the namespace alone, for a VPN that has failed confines as
  /// well as one that works.
  package let bindsTo: String
  /// `NetworkNamespacePath=`.
  package let namespacePath: String
  /// `BindReadOnlyPaths=`.
  package let binds: [ReadOnlyBind]
  /// `InaccessiblePaths=`, each as far as it is there.
  package let hiddenPaths: [String]
  /// The command of `ExecCondition=` and of `ExecStartPre=`.
  ///
  /// As a condition it comes before every other command; 255 is a failure, less would mean to skip
  /// the unit, which counts as success. The second holds where a drop-in clears the first.
  package let guardCommand: [String]

  /// `stage` is the path of `nswg-stage`.
  package init(
    _ name: InstanceName, namespacePath: String, reachesDBus: Bool, stage: String
  ) {
    let state = "/run/\(packageName)/\(name)"
    bindsTo = name.service(.netns)
    self.namespacePath = namespacePath
    binds = [
      // The directory, not the file: resolved replaces that, and the bind would be lost with it
      // (systemd/systemd#32366). It takes resolved's sockets away, too.
      ReadOnlyBind("\(state)/resolver", "/run/systemd/resolve"),
      ReadOnlyBind("\(state)/resolver/resolv.conf", "/etc/resolv.conf"),
      ReadOnlyBind("\(state)/nsswitch.conf", "/etc/nsswitch.conf"),
      ReadOnlyBind(
        "/etc/netns/\(namespacePath.split(separator: "/").last ?? "")/hosts", "/etc/hosts",
        isOptional: true),
    ]
    // Sockets by path are in no network namespace: behind each of them somebody resolves names on
    // the host's network. The first two matter where the bind over their directory is gone.
    hiddenPaths =
      [
        "/run/systemd/resolve/io.systemd.Resolve",
        "/run/systemd/resolve/io.systemd.Resolve.Monitor",
      ]
      + ["/run/nscd", "/run/avahi-daemon", "/run/mdnsd"]
      + (reachesDBus ? [] : ["/run/dbus/system_bus_socket"])
    guardCommand = [stage, "assert", name.text]
  }
}
