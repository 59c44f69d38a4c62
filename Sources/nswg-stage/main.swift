// nswg-stage(8): brings one part of a VPN up or down; run by the generated units.

internal import Stage
internal import SystemCalls

exitProcess(StageProgram.run(Array(CommandLine.arguments.dropFirst())))
