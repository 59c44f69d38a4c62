internal import SystemCalls

/// A netlink request that failed: what it was for, why, and the kernel's own words.
///
/// Prints as `creating link 'wg0' (RTM_NEWLINK): File exists (EEXIST)`, followed by the text of
/// the extended acknowledgement (`NLMSGERR_ATTR_MSG`) when the kernel sent one.
package struct NetlinkError: Error, Equatable, CustomStringConvertible {
  package let operation: String
  /// An errno: the kernel's, or `EBADMSG` for a reply that cannot be read.
  package let number: Int32
  /// The kernel's words, or what is wrong with its reply.
  package let kernelText: String?

  package init(_ operation: String, errno number: Int32, _ kernelText: String? = nil) {
    self.operation = operation
    self.number = number
    self.kernelText = kernelText
  }

  package var description: String {
    let text = "\(operation): \(errorText(number))"
    return kernelText.map { "\(text): \($0)" } ?? text
  }
}
