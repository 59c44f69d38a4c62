internal import ArgumentParser

/// nswg(1).
struct NSWGCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nswg",
    abstract: "Look at, try and manage VPNs in network namespaces.",
    subcommands: [
      ListCommand.self, StatusCommand.self, ExecCommand.self, AddCommand.self, RemoveCommand.self,
      CheckCommand.self, PlanCommand.self, DiagramCommand.self, LeakTestCommand.self,
      MetricsCommand.self, MigrateCommand.self,
    ],
    defaultSubcommand: ListCommand.self)
}
