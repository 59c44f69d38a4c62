internal import CLinux
internal import Glibc
internal import SystemCalls

/// A terminal for a command, with the caller's terminal at its other end; see pty(7).
final class PseudoTerminal {
  let controller: OwnedFileDescriptor
  /// Held open: else the controller has nobody at its end before the command begins and after it.
  private let terminal: OwnedFileDescriptor
  let path: String

  init() throws(SystemError) {
    var (controller, terminal): (Int32, Int32) = (-1, -1)
    var name = [CChar](repeating: 0, count: 128)
    let result = unsafe clinux_open_terminal(&controller, &terminal, &name, name.count)
    guard result == 0 else { throw SystemError("posix_openpt", "", errno: -result) }
    self.controller = OwnedFileDescriptor(owning: controller)
    self.terminal = OwnedFileDescriptor(owning: terminal)
    path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    copySize()
  }

  /// Gives it the size of the caller's.
  func copySize() {
    var size = winsize()
    guard unsafe ioctl(0, UInt(TIOCGWINSZ), &size) == 0 else { return }
    _ = unsafe ioctl(controller.rawValue, UInt(TIOCSWINSZ), &size)
  }
}

/// The caller's terminal passes every key on while this lives; see cfmakeraw(3).
struct RawMode: ~Copyable {
  private var before = termios()

  init() {
    guard unsafe tcgetattr(0, &before) == 0 else { return }
    var raw = before
    unsafe cfmakeraw(&raw)
    _ = unsafe tcsetattr(0, TCSADRAIN, &raw)
  }

  deinit {
    var before = before
    _ = unsafe tcsetattr(0, TCSADRAIN, &before)
  }
}

/// Signals that are read from a descriptor and do nothing by themselves; see signalfd(2).
struct SignalDescriptor: ~Copyable {
  let descriptor: OwnedFileDescriptor

  init(_ signals: [Int32]) throws(SystemError) {
    let number = unsafe clinux_open_signals(signals, signals.count)
    guard number >= 0 else { throw SystemError("signalfd", "", errno: -number) }
    descriptor = OwnedFileDescriptor(owning: number)
  }

  /// The next one; nil when there is none.
  func next() -> Int32? {
    let number = clinux_read_signal(descriptor.rawValue)
    return number > 0 ? number : nil
  }
}
