internal import Glibc
internal import SystemdBus

/// Follows jobs of systemd and what units say meanwhile.
struct Jobs {
  private let manager: ServiceManager

  /// Subscribes to systemd's signals.
  init(_ manager: ServiceManager) throws(CommandFailure) {
    self.manager = manager
    try connected { () throws(DBusError) in try manager.subscribe() }
  }

  /// Has systemd do something, and returns how that ended: `done`, `failed`, `dependency` and so on;
  /// nil when it has not ended after so many `seconds`, and goes on.
  ///
  /// `said` is told of each `STATUS=` of the units whose object paths are keys of `watched`.
  func perform(
    _ verb: ServiceManager.Verb, _ unit: String, watching watched: [String] = [],
    seconds: Int? = nil, said: (String, String) -> Void = { _, _ in }
  ) throws(CommandFailure) -> String? {
    let manager = manager
    let end = seconds.map { time(nil) + $0 }
    let (job, objects) = try connected { () throws(DBusError) in
      var objects: [String: String] = [:]
      for name in watched { objects[try manager.load(name)] = name }
      return (try manager.queue(verb, unit), objects)
    }
    var last: [String: String] = [:]
    while end.map({ time(nil) < $0 }) ?? true {
      let signal = try connected { () throws(DBusError) in
        if let signal = try manager.bus.nextSignal() { return SystemBus.Signal?.some(signal) }
        try manager.bus.wait(milliseconds: 1000)
        return nil
      }
      guard let signal else { continue }
      if signal.member == "JobRemoved", signal.arguments.count > 3,
        signal.arguments[1].text == job
      {
        return signal.arguments[3].text ?? ""
      }
      guard let name = objects[signal.path], signal.arguments.count > 1,
        let text = signal.arguments[1].dictionary["StatusText"]?.text, !text.isEmpty,
        last[name] != text
      else { continue }
      last[name] = text
      said(name, text)
    }
    return nil
  }
}
