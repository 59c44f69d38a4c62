/// A reason to stop, for people.
struct BenchError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// A command line: words, and options of one letter that take a value each.
struct Arguments {
  private(set) var words: [String] = []
  private var values: [String: String] = [:]

  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("-") else {
        words.append(argument)
        continue
      }
      guard argument.count == 2, let value = rest.popFirst() else {
        throw BenchError("no value for \(argument)")
      }
      values[String(argument.dropFirst())] = value
    }
  }

  /// The value of an option that must be there.
  func value(_ option: String) throws -> String {
    guard let value = values[option] else { throw BenchError("-\(option) is missing") }
    return value
  }
}
