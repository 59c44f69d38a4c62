internal import SystemCalls

/// What `main` does: reads the command line, connects events to the journal, runs.
package enum StageProgram {
  /// Returns the exit status; 2 for a wrong command line.
  package static func run(_ arguments: [String]) -> Int32 {
    guard let command = StageCommand(arguments) else {
      writeText(StageCommand.usage, to: 2)
      return 2
    }
    let sink = Journal.sink(instance: command.instance, stage: arguments[0])
    return StageRunner(emit: sink).run(command)
  }
}
