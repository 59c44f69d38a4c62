internal import GeneratorCore

private let path = "/c/f.conf"

func environmentFindings(_ bytes: [UInt8]) -> [String] {
  var findings = Findings()
  let file = EnvironmentFile(parsing: bytes, path: path)
  let again = EnvironmentFile(parsing: bytes, path: path)
  findings.expect(
    file.assignments == again.assignments && file.diagnostics == again.diagnostics,
    "two readings of the same bytes differ")
  findings.checkMessages(file.diagnostics)
  findings.expect(
    file.assignments.isEmpty || !file.diagnostics.contains(where: \.isError),
    "assignments beside an error")
  let positions = TextPositions(bytes, skippingMark: false)
  for diagnostic in file.diagnostics {
    findings.expect(positions.isInside(diagnostic.location), "no such place: \(diagnostic)")
  }
  for one in file.assignments {
    findings.expect(isVariableName(one.key), "not a variable's name: \(one.key.debugDescription)")
    findings.expect(positions.holds(one.key, at: one.keyLocation), "not here: \(one)")
    findings.expect(positions.followsEquals(one.valueLocation), "not the value's place: \(one)")
    findings.expect(positions.holdsEach(of: one), "not where its bytes stand: \(one)")
    findings.expect(!one.value.utf8.contains(0), "a NUL in a value")
  }
  // What was understood, written again with every special character quoted, is the same.
  let written = file.assignments.map { "\($0.key)=\(quotedForEnvironment($0.value))\n" }.joined()
  let reread = EnvironmentFile(parsing: Array(written.utf8), path: path)
  findings.expect(
    reread.diagnostics.isEmpty && isSame(reread.assignments, file.assignments),
    "another meaning when quoted: \(written.debugDescription)")
  return findings.texts
}

func providerFindings(_ bytes: [UInt8]) -> [String] {
  var findings = Findings()
  let file = ProviderFile(parsing: bytes, path: path)
  let again = ProviderFile(parsing: bytes, path: path)
  findings.expect(
    file.sections == again.sections && file.diagnostics == again.diagnostics
      && ProviderFile.isForm(of: bytes) == ProviderFile.isForm(of: bytes),
    "two readings of the same bytes differ")
  findings.checkMessages(file.diagnostics)
  let positions = TextPositions(bytes, skippingMark: true)
  for diagnostic in file.diagnostics {
    findings.expect(positions.isInside(diagnostic.location), "no such place: \(diagnostic)")
  }
  var written = ""
  for section in file.sections {
    findings.expect(positions.holds("[", at: section.location), "no section here: \(section.name)")
    findings.expect(isTrimmed(section.name), "blanks around [\(section.name)]")
    written += "[\(section.name)]\n"
    for one in section.assignments {
      findings.expect(positions.holds(one.key, at: one.keyLocation), "not here: \(one)")
      findings.expect(positions.holds(one.value, at: one.valueLocation), "not here: \(one)")
      findings.expect(positions.holdsEach(of: one), "not where its bytes stand: \(one)")
      findings.expect(isTrimmed(one.key) && isTrimmed(one.value), "blanks around: \(one)")
      findings.expect(
        !one.key.utf8.contains { "=#\n".utf8.contains($0) }
          && !one.value.utf8.contains { "#\n".utf8.contains($0) },
        "not of one line: \(one)")
      written += "\(one.key)=\(one.value)\n"
    }
  }
  // Comments, blanks and lines that were refused mean nothing.
  let reread = ProviderFile(parsing: Array(written.utf8), path: path)
  findings.expect(
    reread.diagnostics.isEmpty && isSame(reread.sections, file.sections),
    "another meaning when written again: \(written.debugDescription)")
  return findings.texts
}

private func isVariableName(_ text: String) -> Bool {
  let isPlain = text.utf8.allSatisfy { $0.isWordCharacter || $0 == UInt8(ascii: "_") }
  return isPlain && !text.isEmpty && !(text.utf8.first.map { (0x30...0x39).contains($0) } ?? true)
}

private func isTrimmed(_ text: String) -> Bool {
  let blanks = " \t\r\n".utf8
  return !(text.utf8.first.map { blanks.contains($0) } ?? false)
    && !(text.utf8.last.map { blanks.contains($0) } ?? false)
}

/// In double quotes, as environment files have them.
private func quotedForEnvironment(_ value: String) -> String {
  var word: [UInt8] = [UInt8(ascii: "\"")]
  for byte in value.utf8 {
    if "\"\\`$".utf8.contains(byte) { word.append(UInt8(ascii: "\\")) }
    word.append(byte)
  }
  return String(decoding: word + [UInt8(ascii: "\"")], as: UTF8.self)
}

// By bytes: to String, texts that Unicode calls equivalent are equal.

private func isSame(_ left: [Assignment], _ right: [Assignment]) -> Bool {
  left.elementsEqual(right) {
    $0.key.utf8.elementsEqual($1.key.utf8) && $0.value.utf8.elementsEqual($1.value.utf8)
  }
}

private func isSame(_ left: [ProviderSection], _ right: [ProviderSection]) -> Bool {
  left.elementsEqual(right) {
    $0.name.utf8.elementsEqual($1.name.utf8) && isSame($0.assignments, $1.assignments)
  }
}
