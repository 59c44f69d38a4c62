internal import SystemCalls

// The rules of what runs inside and how it is reached.
extension InstanceValidator {
  mutating func checkConfinement() {
    for unit in config.attachedUnits?.value ?? [] {
      // The others are confined whatever becomes of the file.
      guard let fault = unit.value.fault else { continue }
      fail(
        "\(unit.key)=: \(quoted(unit.value.text)) \(fault.problem); allowed: \(fault.allowed)",
        at: unit.location)
    }
    checkRepeated(config.publications, "address and port") { $0.listen.description }
    checkRepeated(config.portForwards, "port") { $0.arrival }
  }

  private mutating func checkRepeated<Item>(
    _ list: LocatedList<Item>?, _ what: String, name: (Item) -> String
  ) {
    var lines: [String: Int] = [:]
    for item in list?.value ?? [] {
      let name = name(item.value)
      if let line = lines[name] {
        fail(
          "\(item.key)=: '\(name)' is there before, in line \(line); allowed: each \(what) once",
          at: item.location)
      } else {
        lines[name] = item.location.line
      }
    }
  }
}
