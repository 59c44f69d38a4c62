package import CLinux

/// A number from a kernel header that names an attribute, `IFLA_MTU` or `RTA_OIF`.
///
/// The importer gives these constants a Swift type per C enum. Here each gets its width on the
/// wire, so that messages are written with the kernel's names and without casts.
package protocol AttributeNumber {
  /// `nla_type` without flags; see linux/netlink.h.
  var attributeNumber: UInt16 { get }
}

extension AttributeNumber where Self: RawRepresentable, RawValue == UInt32 {
  package var attributeNumber: UInt16 { UInt16(truncatingIfNeeded: rawValue) }
}

// Anonymous enums: IFLA_*, IFA_*, CTRL_ATTR_*, VETH_INFO_*; and the 0 of an array's elements.
extension Int: AttributeNumber {
  package var attributeNumber: UInt16 { UInt16(truncatingIfNeeded: self) }
}

extension rtattr_type_t: AttributeNumber {}
extension nlmsgerr_attrs: AttributeNumber {}
extension wgdevice_attribute: AttributeNumber {}
extension wgpeer_attribute: AttributeNumber {}
extension wgallowedip_attribute: AttributeNumber {}

/// `nlmsg_flags` of a request; see netlink(7).
package struct NetlinkFlags: OptionSet, Sendable {
  package let rawValue: UInt16

  package init(rawValue: UInt16) { self.rawValue = rawValue }

  private init(_ flag: Int32) { rawValue = UInt16(truncatingIfNeeded: flag) }

  package static let request = NetlinkFlags(NLM_F_REQUEST)
  package static let acknowledge = NetlinkFlags(NLM_F_ACK)
  package static let dump = NetlinkFlags(NLM_F_ROOT | NLM_F_MATCH)
  package static let create = NetlinkFlags(NLM_F_CREATE)
  package static let exclusive = NetlinkFlags(NLM_F_EXCL)
  package static let replace = NetlinkFlags(NLM_F_REPLACE)
  /// In a reply: the table changed while it was dumped, so the dump may be inconsistent.
  package static let dumpInterrupted = NetlinkFlags(NLM_F_DUMP_INTR)
  /// In an acknowledgement: the request is not echoed, only its header.
  package static let capped = NetlinkFlags(NLM_F_CAPPED)
  /// In an acknowledgement: attributes with the kernel's words follow.
  package static let acknowledgeAttributes = NetlinkFlags(NLM_F_ACK_TLVS)
}
