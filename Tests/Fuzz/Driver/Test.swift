internal import FuzzInvariants
internal import SystemCalls

private let target =
  environmentVariable("NSWG_FUZZ_TARGET").flatMap(FuzzTarget.init) ?? .generator

/// One execution; a finding ends the process with a signal, which libFuzzer takes for a crash.
func test(_ data: UnsafeBufferPointer<UInt8>) {
  if let finding = unsafe target.findings(in: Array(data)).first { fatalError(finding) }
}
