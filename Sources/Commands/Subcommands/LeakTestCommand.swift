internal import ArgumentParser
internal import GeneratorCore
internal import Glibc
internal import Stage
internal import SystemCalls

struct LeakTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "leaktest",
    abstract: "Try every way out of a running VPN, and say which are closed.",
    discussion: """
      Sends some twenty small UDP packets from inside, most of them to addresses that nobody has, \
      and looks for them on all interfaces of the host. The exit status is 1 when an answer is no.
      """)

  @OptionGroup var instance: InstanceArgument
  @OptionGroup var options: OutputOptions

  func run() throws {
    guard geteuid() == 0 else {
      throw CommandFailure(
        "looking at packets and entering a namespace takes root; try again as root")
    }
    let reader = try ReportReader()
    let report = try reader.report(try reader.find(instance.name))
    guard let namespace = report.observed.namespace else {
      throw CommandFailure(
        "the VPN '\(report.name)' is not up, so there is nothing to test; \(report.remedy)",
        status: .notUp)
    }
    let host = try system(try fileStatus("/proc/1/ns/net"))?.identity
    var checks = StateChecks.checks(
      report, hostNamespace: host, settings: Self.settings(namespace))
    if namespace.isThere { checks += try LeakProbes(report, namespace).checks() }
    let output = options.output
    if options.json {
      output.write(LeakRendering.json(report.name.text, checks))
    } else {
      output.write(LeakRendering.lines(checks))
    }
    guard checks.allSatisfy({ $0.answer == .yes }) else {
      throw ExitCode(ExitStatus.failure.rawValue)
    }
  }

  private static func settings(
    _ namespace: ObservedInstance.Namespace
  ) -> [(name: String, value: String?)] {
    [
      "ipv4/ip_forward", "ipv6/conf/all/forwarding", "ipv6/conf/all/accept_ra",
      "ipv6/conf/default/autoconf",
    ].map { name in (name, try? Observer().setting(name, inside: namespace)) }
  }
}
