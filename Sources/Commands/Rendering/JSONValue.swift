/// A value of JSON, RFC 8259; an object keeps the order of its members.
package indirect enum JSONValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  case number(Int64)
  case text(String)
  case array([JSONValue])
  case object([Member])

  package struct Member: Equatable, Sendable {
    package let name: String
    package let value: JSONValue
  }

  package static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
    .object(members.map { Member(name: $0.key, value: $0.value) })
  }

  package static func texts(_ values: [String]) -> JSONValue { .array(values.map { .text($0) }) }

  package init(_ text: String?) { self = text.map { .text($0) } ?? .null }
  package init(_ number: (some BinaryInteger)?) {
    self = number.map { .number(Int64(clamping: $0)) } ?? .null
  }

  /// On one line without `indentation`, else a member a line.
  package func rendered(indentation: Int? = 0) -> String {
    switch self {
    case .null: "null"
    case .boolean(let flag): flag ? "true" : "false"
    case .number(let number): String(number)
    case .text(let text): Self.quoted(text)
    case .array(let values):
      Self.joined(
        values.map { value in { value.rendered(indentation: $0) } }, "[", "]", indentation)
    case .object(let members):
      Self.joined(
        members.map { member in
          {
            "\(Self.quoted(member.name)):\($0 == nil ? "" : " ")\(member.value.rendered(indentation: $0))"
          }
        }, "{", "}", indentation)
    }
  }

  private static func joined(
    _ items: [(Int?) -> String], _ begin: String, _ end: String, _ indentation: Int?
  ) -> String {
    guard let indentation, !items.isEmpty else {
      return begin + items.map { $0(nil) }.joined(separator: ",") + end
    }
    let inner = indentation + 2
    let blanks = { (count: Int) in String(repeating: " ", count: count) }
    return "\(begin)\n" + items.map { blanks(inner) + $0(inner) }.joined(separator: ",\n")
      + "\n\(blanks(indentation))\(end)"
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
