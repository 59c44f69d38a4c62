internal import CSystemd
internal import Glibc

/// A message of sd-bus(3), with one owner.
@safe
struct BusMessage: ~Copyable {
  let pointer: OpaquePointer

  /// Takes over a reference.
  init(owning pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

  deinit { _ = unsafe sd_bus_message_unref(pointer) }

  // MARK: writing

  func append(_ value: DBusValue) throws(DBusError) {
    switch value {
    case .boolean(let flag): try append("b", Int32(flag ? 1 : 0))
    case .byte(let number): try append("y", number)
    case .int32(let number): try append("i", number)
    case .uint32(let number): try append("u", number)
    case .int64(let number): try append("x", number)
    case .uint64(let number): try append("t", number)
    case .double(let number): try append("d", number)
    case .descriptor(let number): try append("h", number)
    case .string(let text): try append("s", text)
    case .objectPath(let text): try append("o", text)
    case .array(let element, let values): try append("a", element, values)
    case .structure(let fields): try append("r", fields.map(\.signature).joined(), fields)
    case .entry(let key, let value):
      try append("e", key.signature + value.signature, [key, value])
    case .variant(let value): try append("v", value.signature, [value])
    }
  }

  private func append<Value: BitwiseCopyable>(
    _ type: Unicode.Scalar, _ value: Value
  ) throws(DBusError) {
    try verify(
      unsafe withUnsafeBytes(of: value) { bytes in
        unsafe sd_bus_message_append_basic(pointer, code(type), bytes.baseAddress)
      })
  }

  private func append(_ type: Unicode.Scalar, _ text: String) throws(DBusError) {
    // A C string: what follows a NUL byte would be lost without a word.
    guard !text.utf8.contains(0) else { throw DBusError("writing a message", errno: EINVAL) }
    try verify(unsafe sd_bus_message_append_basic(pointer, code(type), text))
  }

  private func append(
    _ type: Unicode.Scalar, _ contents: String, _ values: [DBusValue]
  ) throws(DBusError) {
    try verify(unsafe sd_bus_message_open_container(pointer, code(type), contents))
    for value in values { try append(value) }
    try verify(unsafe sd_bus_message_close_container(pointer))
  }

  private func verify(_ result: Int32) throws(DBusError) {
    guard result >= 0 else { throw DBusError("writing a message", errno: result) }
  }

  // MARK: reading

  var member: String? {
    unsafe sd_bus_message_get_member(pointer).map { unsafe String(cString: $0) }
  }
  var path: String? { unsafe sd_bus_message_get_path(pointer).map { unsafe String(cString: $0) } }

  /// All values of the message's body.
  func values() throws(DBusError) -> [DBusValue] {
    var values: [DBusValue] = []
    while let value = try next() { values.append(value) }
    return values
  }

  private func next() throws(DBusError) -> DBusValue? {
    var type: CChar = 0
    var contents: UnsafePointer<CChar>?
    let result = unsafe sd_bus_message_peek_type(pointer, &type, &contents)
    guard result >= 0 else { throw DBusError("reading a message", errno: result) }
    guard result > 0 else { return nil }
    let signature = unsafe contents.map { unsafe String(cString: $0) } ?? ""
    switch Unicode.Scalar(UInt8(bitPattern: type)) {
    case "b": return .boolean(try basic(type, Int32(0)) != 0)
    case "y": return .byte(try basic(type, 0))
    case "n": return .int32(Int32(try basic(type, Int16(0))))
    case "q": return .uint32(UInt32(try basic(type, UInt16(0))))
    case "i": return .int32(try basic(type, 0))
    case "u": return .uint32(try basic(type, 0))
    case "x": return .int64(try basic(type, 0))
    case "t": return .uint64(try basic(type, 0))
    case "d": return .double(try basic(type, 0))
    // The descriptor goes with the message.
    case "h": return .descriptor(try basic(type, -1))
    case "s", "g": return .string(try text(type))
    case "o": return .objectPath(try text(type))
    case "a": return .array(of: signature, try contained(type, signature))
    case "r": return .structure(try contained(type, signature))
    case "v":
      guard let value = try contained(type, signature).first else { break }
      return .variant(value)
    case "e":
      let pair = try contained(type, signature)
      guard pair.count == 2 else { break }
      return .entry(pair[0], pair[1])
    default: break
    }
    throw DBusError("reading a message", errno: EBADMSG)
  }

  private func basic<Value: BitwiseCopyable>(
    _ type: CChar, _ initial: Value
  ) throws(DBusError) -> Value {
    var value = initial
    let result = unsafe withUnsafeMutableBytes(of: &value) { bytes in
      unsafe sd_bus_message_read_basic(pointer, type, bytes.baseAddress)
    }
    guard result > 0 else { throw DBusError("reading a message", errno: result) }
    return value
  }

  private func text(_ type: CChar) throws(DBusError) -> String {
    var text: UnsafePointer<CChar>?
    let result = unsafe sd_bus_message_read_basic(pointer, type, &text)
    guard result > 0, let text = unsafe text else {
      throw DBusError("reading a message", errno: result)
    }
    return unsafe String(cString: text)
  }

  private func contained(_ type: CChar, _ signature: String) throws(DBusError) -> [DBusValue] {
    let result = unsafe sd_bus_message_enter_container(pointer, type, signature)
    guard result > 0 else { throw DBusError("reading a message", errno: result) }
    let values = try values()
    _ = unsafe sd_bus_message_exit_container(pointer)
    return values
  }
}

private func code(_ type: Unicode.Scalar) -> CChar { CChar(truncatingIfNeeded: type.value) }
