internal import CLinux

/// A request as a value: what it asks for, without the socket's part.
///
/// Sequence number, port and `NLM_F_REQUEST` are added when a ``NetlinkSocket`` sends it.
package struct NetlinkMessage: Equatable, CustomStringConvertible, CustomReflectable {
  /// For errors: `creating link 'wg0' (RTM_NEWLINK)`.
  package let operation: String
  /// `nlmsg_type`: `RTM_*`, or the number of a generic netlink family.
  package let type: UInt16
  package let flags: NetlinkFlags
  /// The family's fixed header, as `struct ifinfomsg` or `struct genlmsghdr`.
  package let header: [UInt8]
  package let attributes: [UInt8]

  /// A request that needs no attributes.
  package init(_ operation: String, type: Int, flags: NetlinkFlags = [], header: [UInt8]) {
    self.operation = operation
    self.type = UInt16(truncatingIfNeeded: type)
    self.flags = flags
    self.header = header
    attributes = []
  }

  /// A request with the attributes that `encode` writes.
  ///
  /// Throws `EINVAL` for a name with a NUL byte, `EMSGSIZE` for more than 65,535 bytes in a nest.
  package init(
    _ operation: String, type: Int, flags: NetlinkFlags = [], header: [UInt8],
    encode: (inout AttributeEncoder) -> Void
  ) throws(NetlinkError) {
    var encoder = AttributeEncoder()
    encode(&encoder)
    if let failure = encoder.failure {
      throw NetlinkError(operation, errno: failure.number, failure.text)
    }
    self.operation = operation
    self.type = UInt16(truncatingIfNeeded: type)
    self.flags = flags
    self.header = header
    attributes = encoder.bytes
  }

  /// The message with its `struct nlmsghdr`, as it goes to the kernel.
  package func bytes(sequence: UInt32, adding extra: NetlinkFlags = []) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(native: UInt32(MemoryLayout<nlmsghdr>.size + header.count + attributes.count))
    bytes.append(native: type)
    bytes.append(native: flags.union(extra).rawValue)
    bytes.append(native: sequence)
    // The sender's port: 0 lets the kernel fill in the socket's.
    bytes.append(native: UInt32(0))
    return bytes + header + attributes
  }

  package var description: String { operation }

  // The attributes can hold a private key, which no dump(_:) and no test failure may print.
  package var customMirror: Mirror { Mirror(self, children: ["operation": operation]) }
}
