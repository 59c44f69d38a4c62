/// Which VPN: the `work` of `work.conf` and of `namespaced-wireguard-vpn@work.target`.
package struct InstanceName: Equatable, Hashable, Sendable, CustomStringConvertible {
  /// The part of a unit name between `@` and the suffix; also names the state directory.
  package let text: String

  /// Unescaped characters of a unit's instance name, systemd.unit(5), less `\`, `:` and `@`.
  package static let allowed = "letters, digits, '_', '-' and '.', at most 200"

  /// Nil when a unit could not carry the name unescaped.
  package init?(_ text: String) {
    guard (1...200).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "."),
      text.utf8.allSatisfy(\.isInInstanceName)
    else { return nil }
    self.text = text
  }

  private init(reserved text: String) {
    self.text = text
  }

  /// The instance of the old, single configuration file, whose units have no `@NAME`.
  package static let single = InstanceName(reserved: packageName)

  /// For a file that is looked at where it lies, under any name: what an instance could be called.
  init(resembling stem: String) {
    let kept = stem.utf8.prefix(200).map { byte in
      byte.isInInstanceName ? byte : UInt8(ascii: "_")
    }
    let text = String(decoding: kept, as: UTF8.self)
    self.init(reserved: text.isEmpty || text.hasPrefix(".") ? "_\(text)" : text)
  }

  package var isSingle: Bool { self == .single }
  package var description: String { text }
}

extension UInt8 {
  fileprivate var isInInstanceName: Bool {
    isLetter || isDigit || self == UInt8(ascii: "_") || self == UInt8(ascii: "-")
      || self == UInt8(ascii: ".")
  }
}

/// The parts as one string, which is allocated once.
func joined(_ parts: String...) -> String {
  var count = 0
  for part in parts { count += part.utf8.count }
  return unsafe String(unsafeUninitializedCapacity: count) { buffer in
    var end = 0
    for part in parts {
      let bytes = part.utf8.span
      for index in bytes.indices { unsafe buffer[end + index] = bytes[index] }
      end += bytes.count
    }
    return end
  }
}

/// The project's name, with which every unit and directory of ours begins.
package let packageName = "namespaced-wireguard-vpn"

/// The parts of an instance that are brought up and down on their own; a service each.
package enum StageName: String, CaseIterable, Sendable {
  case netns
  case wg
  case tunnel
}

extension InstanceName {
  /// The service that runs a stage.
  ///
  /// The old single instance keeps the original's names, on which drop-ins of users depend; there
  /// the WireGuard stage is called `interface`.
  package func service(_ stage: StageName) -> String {
    guard isSingle else { return joined(packageName, "-", stage.rawValue, "@", text, ".service") }
    return "\(packageName)-\(stage == .wg ? "interface" : stage.rawValue).service"
  }

  /// The target that a user starts and stops.
  package var target: String {
    isSingle ? Self.allTarget : joined(packageName, "@", text, ".target")
  }

  /// The packaged timer that looks after endpoints, and what it is an instance of.
  package var endpointTimer: String {
    isSingle ? "\(packageName)-endpoint.timer" : "\(packageName)-endpoint@\(text).timer"
  }
  static let timerTemplate = "\(packageName)-endpoint@.timer"

  /// The target of all instances, which is also the original's only one.
  package static let allTarget = "\(packageName).target"
}

/// The names of an instance's units, put together once.
struct UnitNames {
  let instance: InstanceName
  let target: String
  private let netns: String
  private let wg: String
  private let tunnel: String

  init(_ name: InstanceName) {
    instance = name
    target = name.target
    netns = name.service(.netns)
    wg = name.service(.wg)
    tunnel = name.service(.tunnel)
  }

  /// The service that runs a stage.
  func service(_ stage: StageName) -> String {
    switch stage {
    case .netns: netns
    case .wg: wg
    case .tunnel: tunnel
    }
  }
}
