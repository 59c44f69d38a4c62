// nswg-systemd-generator(8): turns configuration files into units at boot and daemon-reload.

internal import GeneratorCore
internal import SystemCalls

let outcome = GeneratorCommand.run(
  arguments: Array(CommandLine.arguments.dropFirst()),
  program: (try? symbolicLinkTarget("/proc/self/exe")) ?? "",
  environment: environmentVariable)

writeText(outcome.output, to: 1)
let isRunBySystemd = environmentVariable("SYSTEMD_SCOPE") != nil
for message in outcome.messages {
  let program = "nswg-systemd-generator"
  if isRunBySystemd,
    logToKernel(message.text, priority: message.priority, program: program)
  {
    continue
  }
  writeText("\(program): \(message.text)\n", to: 2)
}
exitProcess(outcome.status)
