internal import SystemCalls

// The rules of the veth pair.
extension InstanceValidator {
  /// Nil when the file switches the tunnel off.
  mutating func validateTunnel(beside interfaceName: String) -> TunnelSettings? {
    guard config.tunnelEnable?.value ?? true else {
      if let forwards = config.portForwards, !forwards.value.isEmpty {
        fail(
          "\(forwards.key)=: forwards lead through the tunnel, which"
            + " \(label(.tunnel("Enable"))) switches off; switch it on, or use"
            + " \(label(.namespace("Publish")))", at: forwards.location)
      }
      return nil
    }
    let namespaceInterface =
      config.tunnelNamespaceName?.value ?? defaultInterfaceName("veth-", name.text, suffix: "1")
    if namespaceInterface == interfaceName {
      let place = config.tunnelNamespaceName?.location ?? config.interfaceName?.location
      fail(
        "\(label(.tunnel("Interface"))) and \(label(.namespace("Interface"))) are both"
          + " '\(interfaceName)', and both interfaces are in the VPN's namespace; choose two names",
        at: place)
    }
    return TunnelSettings(
      hostInterface: config.tunnelHostName?.value
        ?? defaultInterfaceName("veth-", name.text, suffix: "0"),
      namespaceInterface: namespaceInterface, addresses: validateTunnelAddresses(),
      portForwards: (config.portForwards?.value ?? []).map(\.value))
  }

  /// Nil when the file leaves the choice to us.
  private mutating func validateTunnelAddresses() -> TunnelAddresses? {
    let host = config.tunnelHostAddresses
    let inner = config.tunnelNamespaceAddresses
    guard let host, let inner else {
      if let only = host ?? inner {
        let other = host == nil ? "HostAddress" : "Address"
        fail(
          "\(only.key)= is set, \(label(.tunnel(other))) is not; set both or neither",
          at: only.location)
      }
      return nil
    }
    // Each is compared with every other one, and with those of every other file.
    for end in [host, inner] where end.value.count > 64 {
      fail(
        "\(end.key)=: \(end.value.count) addresses; allowed: at most 64 for each end of the tunnel",
        at: end.location)
    }
    let hostAddresses = Set(host.value.map(\.value.address))
    for item in inner.value where hostAddresses.contains(item.value.address) {
      fail(
        "\(item.key)=: both ends of the tunnel have the address \(item.value.address);"
          + " allowed: two addresses of one network",
        at: item.location)
    }
    return TunnelAddresses(host: host.value.map(\.value), namespace: inner.value.map(\.value))
  }
}
