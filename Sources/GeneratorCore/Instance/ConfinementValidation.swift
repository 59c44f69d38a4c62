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
    checkRepeated(config.publications, "address and port") { $0.listen }
    checkRepeated(config.portForwards, "port") { $0.arrival }
  }
}
