// nswg-bench: measures whole processes, and writes what was measured down; see Benchmarks/README.md.
//
//   measure -t TABLE -r ROUNDS -o FILE <LINES    time commands, interleaved
//   report SAMPLES... -o DIRECTORY               RESULTS.md and plots/*.svg

internal import SystemCalls

let usage = """
  usage: nswg-bench measure -t TABLE -r ROUNDS -o FILE <LINES
         nswg-bench report SAMPLES... -o DIRECTORY

  """

do {
  let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
  switch arguments.words.first {
  case "measure": try measure(arguments)
  case "report": try report(arguments)
  default: throw BenchError("\n" + usage)
  }
} catch {
  writeText("nswg-bench: \(error)\n", to: 2)
  exitProcess(1)
}
