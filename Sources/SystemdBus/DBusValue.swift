/// A value of a D-Bus message, with its type; see the D-Bus specification, "Type System".
package indirect enum DBusValue: Equatable, Sendable {
  case boolean(Bool)
  case byte(UInt8)
  case int32(Int32)
  case uint32(UInt32)
  case int64(Int64)
  case uint64(UInt64)
  case double(Double)
  case string(String)
  case objectPath(String)
  /// The number of a file descriptor, whose copy is sent along; those received are not kept.
  case descriptor(Int32)
  /// The signature is that of the elements: an empty array has a type, too.
  case array(of: String, [DBusValue])
  case structure([DBusValue])
  case entry(DBusValue, DBusValue)
  case variant(DBusValue)

  package static func strings(_ values: [String]) -> DBusValue {
    .array(of: "s", values.map { .string($0) })
  }

  package var signature: String {
    switch self {
    case .boolean: "b"
    case .byte: "y"
    case .int32: "i"
    case .uint32: "u"
    case .int64: "x"
    case .uint64: "t"
    case .double: "d"
    case .string: "s"
    case .objectPath: "o"
    case .descriptor: "h"
    case .array(let element, _): "a\(element)"
    case .structure(let fields): "(\(fields.map(\.signature).joined()))"
    case .entry(let key, let value): "{\(key.signature)\(value.signature)}"
    case .variant: "v"
    }
  }
}

// What a reader expects to find; nil or empty for anything else, a variant is looked into.
extension DBusValue {
  package var text: String? {
    switch self {
    case .string(let text), .objectPath(let text): text
    case .variant(let value): value.text
    default: nil
    }
  }

  package var number: UInt64? {
    switch self {
    case .byte(let number): UInt64(number)
    case .uint32(let number): UInt64(number)
    case .uint64(let number): number
    case .int32(let number): UInt64(exactly: number)
    case .int64(let number): UInt64(exactly: number)
    case .variant(let value): value.number
    default: nil
    }
  }

  package var elements: [DBusValue] {
    switch self {
    case .array(_, let elements), .structure(let elements): elements
    case .variant(let value): value.elements
    default: []
    }
  }

  /// An array of entries with names as keys.
  package var dictionary: [String: DBusValue] {
    var values: [String: DBusValue] = [:]
    for case .entry(let key, let value) in elements {
      guard let name = key.text else { continue }
      if case .variant(let inner) = value { values[name] = inner } else { values[name] = value }
    }
    return values
  }
}
