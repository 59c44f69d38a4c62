// Compares our reading of environment files with systemd's, thousands of files in one boot.
//
//   generate DIR COUNT SEED   write the files
//   step DIR                  run by a unit with EnvironmentFile=DIR/current: keep what systemd made
//                             of the current file, put the next one in its place
//   compare DIR VERSION       compare all with what systemd VERSION made of them; exit status 1
//                             when one differs

internal import GeneratorCore
internal import SystemCalls

exitProcess(CorpusCommand.run(Array(CommandLine.arguments.dropFirst())))
