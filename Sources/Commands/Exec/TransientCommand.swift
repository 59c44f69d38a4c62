package import GeneratorCore
package import SystemdBus

/// A command to run in a VPN, and the transient unit that it runs in; pure.
package struct TransientCommand: Equatable {
  package let name: InstanceName
  package let confinement: ConfinementSettings
  /// The program's path, and its arguments from the name on.
  package let program: String
  package let arguments: [String]
  package let user: String
  package let directory: String
  /// `NAME=value`.
  package let environment: [String]
  package let streams: Streams

  package enum Streams: Equatable {
    /// The path of a terminal that becomes the command's own.
    case terminal(String)
    /// Descriptors of this process.
    case descriptors(input: Int32, output: Int32, error: Int32)
  }

  package init(
    _ name: InstanceName, confinement: ConfinementSettings, program: String, arguments: [String],
    user: String, directory: String, environment: [String], streams: Streams
  ) {
    self.name = name
    self.confinement = confinement
    self.program = program
    self.arguments = arguments
    self.user = user
    self.directory = directory
    self.environment = environment
    self.streams = streams
  }

  /// What an attached service has in its drop-in, in the same order.
  package var confinementProperties: [TransientProperty] {
    let hidden = confinement.hiddenPaths.map { "-\($0)" }
    let guardCommand = Self.command(confinement.guardCommand[0], confinement.guardCommand)
    return [
      TransientProperty("BindsTo", .strings([confinement.bindsTo])),
      TransientProperty("After", .strings([confinement.bindsTo])),
      TransientProperty("NetworkNamespacePath", .string(confinement.namespacePath)),
      TransientProperty(
        "BindReadOnlyPaths",
        .array(
          of: "(ssbt)",
          confinement.binds.map { bind in
            .structure([
              .string(bind.source), .string(bind.destination), .boolean(bind.isOptional),
              // MS_REC, mount(2), as a drop-in has it by default.
              .uint64(0x4000),
            ])
          })),
      TransientProperty("InaccessiblePaths", .strings(hidden)),
      TransientProperty("ExecCondition", guardCommand),
      TransientProperty("ExecStartPre", guardCommand),
    ]
  }

  package var properties: [TransientProperty] {
    [
      // Not the command's words: everybody may read a description.
      TransientProperty("Description", .string("VPN \(name): a command of nswg exec")),
      // Its job tells a program that does not run from one that has failed.
      TransientProperty("Type", .string("exec")),
      TransientProperty("CollectMode", .string("inactive-or-failed")),
      // Until we have read how it ended.
      TransientProperty("AddRef", .boolean(true)),
      TransientProperty("User", .string(user)),
      TransientProperty("WorkingDirectory", .string(directory)),
      TransientProperty("Environment", .strings(environment)),
      // A command in a pipe is to end with it, as in a shell.
      TransientProperty("IgnoreSIGPIPE", .boolean(false)),
      // Words go to the program as they are: a '$' is not systemd's.
      TransientProperty(
        "ExecStartEx",
        .array(
          of: "(sasas)",
          [.structure([.string(program), .strings(arguments), .strings(["no-env-expand"])])])),
    ] + confinementProperties + streamProperties
  }

  private var streamProperties: [TransientProperty] {
    switch streams {
    case .terminal(let path):
      let streams = ["StandardInput", "StandardOutput", "StandardError"].map {
        TransientProperty($0, .string("tty"))
      }
      return streams + [
        TransientProperty("TTYPath", .string(path)),
        TransientProperty("SendSIGHUP", .boolean(true)),
      ]
    case .descriptors(let input, let output, let error):
      return [
        TransientProperty("StandardInputFileDescriptor", .descriptor(input)),
        TransientProperty("StandardOutputFileDescriptor", .descriptor(output)),
        TransientProperty("StandardErrorFileDescriptor", .descriptor(error)),
      ]
    }
  }

  /// One command line, `a(sasb)`: a failure of it is one of the unit.
  private static func command(_ program: String, _ arguments: [String]) -> DBusValue {
    .array(
      of: "(sasb)", [.structure([.string(program), .strings(arguments), .boolean(false)])])
  }
}
