package import SystemCalls

/// A value and where it was written, so that a later check can point at it.
package struct Located<Value: Sendable>: Sendable {
  package let value: Value
  package let key: String
  package let location: SourceLocation
}

/// What one file said, key by key, and nothing more: no default, no check across keys.
package struct Config: Sendable {
  package var namespaceName: Located<String>?
  package var interfaceName: Located<String>?
  package var privateKey: Located<WireGuardKey>?
  package var privateKeyFile: Located<String>?
  package var privateKeyCredential: Located<String>?
  package var endpoint: Located<Endpoint>?
  package var peerPublicKey: Located<WireGuardKey>?
  /// A key, or nothing where the file says `-`.
  package var presharedKey: Located<WireGuardKey?>?
  package var allowedIPs: Located<[IPPrefix]>?
  /// Bytes.
  package var mtu: Located<Int?>?
  package var addresses: Located<[IPPrefix]>?
  /// Seconds; 0 is off.
  package var persistentKeepalive: Located<UInt16>?
  package var listenPort: Located<UInt16>?
  package var fwMark: Located<UInt32>?
  package var userspaceProgram: Located<String>?
  package var tunnelEnable: Located<Bool>?
  package var tunnelHostName: Located<String>?
  package var tunnelHostAddresses: Located<[IPPrefix]>?
  package var tunnelNamespaceName: Located<String>?
  package var tunnelNamespaceAddresses: Located<[IPPrefix]>?
  package var autostart: Located<Bool>?
}
