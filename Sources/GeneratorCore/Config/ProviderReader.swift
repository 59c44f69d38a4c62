extension ReadConfig {
  /// Gives each setting of a provider's file to its row of the table.
  mutating func readProvider(_ sections: [ProviderSection]) {
    diagnoseHooks(sections)
    diagnoseAmnezia(sections)
    for section in sections {
      guard let name = sectionNames.first(where: { $0.isSameKey(section.name) }) else {
        let hint =
          nearest(to: section.name, among: sectionNames)
          .map { "; did you mean [\($0)]?" } ?? ""
        report(
          .error, section.location,
          "unknown section \(quotedKey(section.name)); allowed: \(allowedSections)\(hint)")
        for assignment in section.assignments { confineMisplaced(assignment) }
        continue
      }
      if name == "Peer" { config.peers.append(PeerConfig(location: section.location)) }
      var lines: [ProviderKey: Int] = [:]
      for assignment in section.assignments {
        guard let key = readProvider(assignment, in: name), !key.isList else { continue }
        if let line = lines[key.providerKey] {
          report(
            .warning, assignment.keyLocation,
            "\(assignment.withoutBlanks.key)= was set before, in line \(line);"
              + " this later value counts")
        }
        lines[key.providerKey] = assignment.keyLocation.line
      }
    }
  }

  /// Returns the row that the setting belongs to, if there is one.
  private mutating func readProvider(
    _ assignment: Assignment, in section: String
  ) -> ConfigKey? {
    // wg(8) drops every blank of a line; wg-quick(8), to which the others belong, does not.
    let condensed = assignment.withoutBlanks
    let key = ConfigKey.all.first {
      $0.providerKey.section == section
        && $0.providerKey.name.isSameKey($0.belongsToWg ? condensed.key : assignment.key)
    }
    guard let key else {
      diagnoseUnknown(assignment, in: section)
      return nil
    }
    if key.belongsToWg, let fault = wgFault(condensed.value, isList: key.isList) {
      refuse(condensed, as: key, fault)
    } else {
      read(key.belongsToWg ? condensed : assignment, as: key)
    }
    return key
  }

  /// The file is refused, but the services that it names must not run outside for it.
  private mutating func confineMisplaced(_ assignment: Assignment) {
    guard let row = ConfigKey.all.first(where: { $0.providerKey == .namespace("Units") }),
      row.providerKey.name.isSameKey(assignment.key)
    else { return }
    read(assignment, as: row)
  }

  private mutating func diagnoseUnknown(_ assignment: Assignment, in section: String) {
    let name = assignment.key.lowercased()
    if section == "Interface" && hooks.contains(name) || amneziaKeys.contains(name) { return }
    confineMisplaced(assignment)
    let rows = ConfigKey.all.map(\.providerKey)
    if let home = rows.first(where: { $0.name.isSameKey(assignment.key) }) {
      return report(
        .error, assignment.keyLocation,
        "\(home.name)= belongs to [\(home.section)], not to [\(section)]")
    }
    let known =
      diagnostics.count < messageLimit ? rows.filter { $0.section == section }.map(\.name) : []
    let hint = nearest(to: assignment.key, among: known).map { "; did you mean \($0)=?" } ?? ""
    // To wg-quick(8) the other sections are unknown themselves.
    let others =
      section == "Interface" || section == "Peer" ? ", which wg and wg-quick refuse, too" : ""
    report(
      .error, assignment.keyLocation,
      "unknown key \(quotedKey(assignment.key)) in [\(section)]\(others)\(hint)")
  }

  /// One warning for all that wg-quick(8) would run: a file from elsewhere must not run commands.
  private mutating func diagnoseHooks(_ sections: [ProviderSection]) {
    let found = sections.filter { $0.name.isSameKey("Interface") }.flatMap(\.assignments)
      .filter { hooks.contains($0.key.lowercased()) }
    guard let first = found.first else { return }
    report(
      .warning, first.keyLocation,
      "not used: \(list(found)); commands in a configuration are never run, and the file is never"
        + " written")
  }

  private mutating func diagnoseAmnezia(_ sections: [ProviderSection]) {
    let found = sections.flatMap(\.assignments)
      .filter { amneziaKeys.contains($0.key.lowercased()) }
    guard let first = found.first else { return }
    report(
      .error, first.keyLocation,
      "this file is for AmneziaWG (\(list(found))), whose packets plain WireGuard neither sends nor"
        + " understands, so it would never connect; ask the provider for a WireGuard file")
  }

  /// The first ones by name: the message may become an argument of a unit, which has its limits.
  private func list(_ assignments: [Assignment]) -> String {
    let shown = assignments.prefix(20).map { "\($0.key)= (line \($0.keyLocation.line))" }
      .joined(separator: ", ")
    return assignments.count > 20 ? "\(shown) and \(assignments.count - 20) more" : shown
  }
}

private let sectionNames = ["Interface", "Peer", "Namespace", "Tunnel"]
private let allowedSections = sectionNames.map { "[\($0)]" }.joined(separator: ", ")

private let hooks: Set = ["preup", "postup", "predown", "postdown", "saveconfig"]

/// What AmneziaWG adds to wg(8)'s keys.
private let amneziaKeys: Set = [
  "jc", "jmin", "jmax", "s1", "s2", "s3", "s4", "h1", "h2", "h3", "h4", "i1", "i2", "i3", "i4",
  "i5", "headerprotectionkey", "contentpaddingaddition", "rekeyaftertime", "rekeytimeout",
  "rejectaftertime", "keepalivetimeout", "maxhandshakeattempts", "randomtrailers",
  "disablecookies", "advancedsecurity",
]

/// What wg(8) refuses in its keys, while an environment file may have it: to wg a key without a
/// value is an unknown one ("Line unrecognized"), and nothing between two commas no address.
private func wgFault(_ value: String, isList: Bool) -> ValueFault? {
  if value.isEmpty {
    return ValueFault("is empty, which wg refuses, too", allowed: "a value, or no such line")
  }
  let items = value.utf8.split(separator: .comma, omittingEmptySubsequences: false)
  guard isList, let item = items.first(where: \.isEmpty) else { return nil }
  let offset = value.utf8.distance(from: value.startIndex, to: item.startIndex)
  return ValueFault(
    "is no item, and wg refuses it, too", allowed: "one comma between two items"
  ).about(ListItem(text: Substring(item), offset: offset))
}

extension ConfigKey {
  /// Whether wg(8) reads the key itself; see its section on configuration files.
  fileprivate var belongsToWg: Bool {
    switch providerKey {
    case .peer, .interface("PrivateKey"), .interface("ListenPort"), .interface("FwMark"): true
    default: false
    }
  }
}

extension Assignment {
  /// Without what isspace(3) of C calls a blank, in the key and in the value.
  fileprivate var withoutBlanks: Assignment {
    guard key.utf8.contains(where: \.isSpace) || value.utf8.contains(where: \.isSpace) else {
      return self
    }
    var kept: [UInt8] = []
    var keptPlaces = ValuePlaces(from: places.start)
    for (offset, byte) in value.utf8.enumerated() where !byte.isSpace {
      let place = places.location(of: offset)
      keptPlaces.note(offset: kept.count, line: place.line, column: place.column)
      kept.append(byte)
    }
    return Assignment(
      key: String(decoding: key.utf8.filter { !$0.isSpace }, as: UTF8.self),
      value: String(decoding: kept, as: UTF8.self), keyLocation: keyLocation, places: keptPlaces)
  }
}

extension String {
  /// Equal as keys and sections of a provider's file are: without regard to letter case.
  fileprivate func isSameKey(_ other: String) -> Bool {
    utf8.count == other.utf8.count && lowercased() == other.lowercased()
  }
}
