// Gives libFuzzer one of the targets; the program of Tests/Fuzz/run.
//
// The target is named in the environment: libFuzzer starts itself again with its own arguments.

internal import CLibFuzzer
internal import SystemCalls

var argumentCount = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
exitProcess(
  unsafe LLVMFuzzerRunDriver(&argumentCount, &arguments) { data, size in
    unsafe test(UnsafeBufferPointer(start: data, count: size))
    return 0
  })
