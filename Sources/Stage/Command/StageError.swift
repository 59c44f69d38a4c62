internal import Netlink
internal import SystemCalls

/// Why a stage gave up, in words for its user, never with a secret.
package struct StageError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ text: String) {
    description = text
  }

  init(_ error: SystemError) {
    description = error.description
  }

  init(_ error: NetlinkError) {
    description = error.description
  }
}

/// The value of a system call, or its failure as a `StageError`.
func system<Value: ~Copyable>(
  _ call: @autoclosure () throws(SystemError) -> Value
) throws(StageError) -> Value {
  do throws(SystemError) { return try call() } catch { throw StageError(error) }
}

/// The value of a netlink request, or its failure as a `StageError`.
func netlink<Value: ~Copyable>(
  _ request: @autoclosure () throws(NetlinkError) -> Value
) throws(StageError) -> Value {
  do throws(NetlinkError) { return try request() } catch { throw StageError(error) }
}
