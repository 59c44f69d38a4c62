internal import ArgumentParser
internal import GeneratorCore
internal import Stage

/// How the answer is written.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Write JSON.")
  var json = false

  @Option(
    help: ArgumentHelp("When to use colours: auto, always or never.", valueName: "when"))
  var color: Output.Colour = .automatic

  var output: Output { Output(color) }
}

extension Output.Colour: ExpressibleByArgument {}

/// An instance that there is.
struct InstanceArgument: ParsableArguments {
  @Argument(
    help: "The VPN's name, as 'work' for work.conf.",
    completion: .custom { _, _, _ in knownNames() })
  var name: String
}

/// For the shell's completion: without systemd, which need not be asked.
private func knownNames() -> [String] {
  let files = ConfigDirectories().findAll().files.map(\.name.text)
  return Set(files + Observer().recordedNames().map(\.text)).sorted()
}
