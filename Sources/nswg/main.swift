// nswg(1): what an administrator looks at and manages VPNs with.

internal import Commands
internal import SystemCalls

exitProcess(Program.run(Array(CommandLine.arguments.dropFirst())))
