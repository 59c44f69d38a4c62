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

/// Runs `body` and gives its failure as a `StageError`.
func asStageError<Result: ~Copyable>(
  _ body: () throws(NetlinkError) -> Result
) throws(StageError) -> Result {
  do throws(NetlinkError) { return try body() } catch { throw StageError(error) }
}

/// Runs `body` and gives its failure as a `StageError`.
func asStageError<Result: ~Copyable>(
  _ body: () throws(SystemError) -> Result
) throws(StageError) -> Result {
  do throws(SystemError) { return try body() } catch { throw StageError(error) }
}
