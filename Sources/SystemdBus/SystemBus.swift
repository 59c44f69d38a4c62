internal import CSystemd
internal import Glibc

/// A connection to the system's D-Bus, closed with its owner; see sd-bus(3).
@safe
package final class SystemBus {
  private let pointer: OpaquePointer

  /// Something that happened, and that was asked for with ``listen(to:)``.
  package struct Signal: Equatable {
    package let path: String
    package let member: String
    package let arguments: [DBusValue]
  }

  /// Connects to the bus; root, when there is none, to systemd itself.
  package init() throws(DBusError) {
    var bus: OpaquePointer?
    var result = unsafe sd_bus_open_system(&bus)
    if result < 0, geteuid() == 0 { result = unsafe Self.openPrivate(&bus) }
    guard result >= 0, let bus = unsafe bus else {
      throw DBusError("connecting to the system's D-Bus", errno: result)
    }
    unsafe pointer = unsafe bus
  }

  /// The socket that systemctl(1) uses for root: there before a bus is, and after.
  private static func openPrivate(_ bus: inout OpaquePointer?) -> Int32 {
    var result = unsafe sd_bus_new(&bus)
    guard result >= 0 else { return result }
    result = unsafe sd_bus_set_address(bus, "unix:path=/run/systemd/private")
    guard result >= 0 else { return result }
    return unsafe sd_bus_start(bus)
  }

  deinit { _ = unsafe sd_bus_flush_close_unref(pointer) }

  /// For poll(2): the descriptor, and whether it is waited for to be writable, too.
  package var descriptor: Int32 { unsafe sd_bus_get_fd(pointer) }

  /// Calls a method and returns what it answered; `timeout` in seconds, zero for sd-bus's own of 25.
  package func call(
    _ operation: String, _ object: RemoteObject, _ member: String, _ arguments: [DBusValue] = [],
    timeout: UInt64 = 0
  ) throws(DBusError) -> [DBusValue] {
    var request: OpaquePointer?
    let created = unsafe sd_bus_message_new_method_call(
      pointer, &request, object.destination, object.path, object.interface, member)
    guard created >= 0, let request = unsafe request else {
      throw DBusError(operation, errno: created)
    }
    let message = unsafe BusMessage(owning: request)
    for argument in arguments { try message.append(argument) }
    var error = unsafe sd_bus_error()
    var answer: OpaquePointer?
    defer { unsafe sd_bus_error_free(&error) }
    let result = unsafe sd_bus_call(
      pointer, message.pointer, timeout * 1_000_000, &error, &answer)
    guard result >= 0, let answer = unsafe answer else {
      throw unsafe DBusError("\(operation) (\(member))", error, errno: result)
    }
    let reply = unsafe BusMessage(owning: answer)
    return try reply.values()
  }

  /// Has signals that fit the rule returned by ``nextSignal()``; see sd_bus_add_match(3).
  package func listen(to rule: String) throws(DBusError) {
    let result = unsafe sd_bus_add_match(pointer, nil, rule, nil, nil)
    guard result >= 0 else { throw DBusError("listening to signals", errno: result) }
  }

  /// The next signal that has arrived; nil when there is none yet.
  package func nextSignal() throws(DBusError) -> Signal? {
    while true {
      var message: OpaquePointer?
      let result = unsafe sd_bus_process(pointer, &message)
      guard result >= 0 else { throw DBusError("reading signals", errno: result) }
      guard result > 0 else { return nil }
      guard let message = unsafe message else { continue }
      let signal = unsafe BusMessage(owning: message)
      guard let path = signal.path, let member = signal.member else { continue }
      return Signal(path: path, member: member, arguments: try signal.values())
    }
  }

  /// Waits until something arrives, at most so many milliseconds.
  package func wait(milliseconds: UInt64) throws(DBusError) {
    let result = unsafe sd_bus_wait(pointer, milliseconds * 1000)
    guard result >= 0 || result == -EINTR else {
      throw DBusError("waiting for signals", errno: result)
    }
  }
}

/// Where a method is.
package struct RemoteObject: Equatable {
  package let destination: String
  package let path: String
  package let interface: String

  package init(destination: String, path: String, interface: String) {
    self.destination = destination
    self.path = path
    self.interface = interface
  }
}
