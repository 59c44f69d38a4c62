import FuzzInvariants
import Glibc
import SystemCalls
import Testing

@testable import GeneratorCore

/// Replays what fuzzing once found worth keeping, see Tests/Fuzz/run.
///
/// A trap ends the test process; `Tests/Fuzz/run TARGET FILE…` then names the file.
@Suite struct FuzzCorpusTests {
  private static func corpus(_ target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
    let directory = "\(projectDirectory)/Tests/Fuzz/corpus/\(target.rawValue)"
    return try directoryNames(directory).map { name in
      (name, try readFile("\(directory)/\(name)", limit: 1 << 20))
    }
  }

  @Test(arguments: FuzzTarget.allCases) func replay(_ target: FuzzTarget) throws {
    let files = try Self.corpus(target)
    // Of fewer somebody has lost some.
    #expect(files.count >= 50)
    for file in files {
      let findings = target.findings(in: file.bytes)
      #expect(findings == [], "\(target.rawValue)/\(file.name)")
    }
  }

  /// A corpus that lost a form, or the separators, would replay nothing worth it.
  @Test func corpusHoldsEveryForm() throws {
    let units = try Self.corpus(.generator).map { file in
      String(decoding: file.bytes, as: UTF8.self)
    }
    for word in [
      "[Interface]", "WIREGUARD_ENDPOINT=", "\u{1e}", "\u{1f}", "%", "PostUp", "TUNNEL_",
    ] {
      #expect(units.contains { $0.contains(word) }, "\(word)")
    }
  }

  /// A file may have a MiB, and the generator runs at every boot and daemon-reload.
  @Test(arguments: LongLists.allCases) func longListsTakeNoLongTime(_ lists: LongLists) throws {
    let began = processorSeconds()
    let loaded = try load(lists.text)
    _ = generator.plan([loaded])
    // Seconds in a debug build; minutes when each element is compared with each.
    #expect(processorSeconds() - began < 60)
    #expect((loaded.instance != nil) == (lists != .tunnel))
  }

  /// However much a file repeats, no message outgrows an argument of a program.
  @Test(arguments: ["H1=\n", "PostUp=\n", "[Peer]\n", "[x]\n", "=\n", "x\n", "Address=1.1.1.1\n"])
  func messagesStayShort(line: String) throws {
    let loaded = try load("[Interface]\n" + String(repeating: line, count: 4000))
    #expect(loaded.instance == nil)
    #expect(loaded.diagnostics.allSatisfy { $0.text.utf8.count <= 2000 })
  }

  private let generator = Generator(paths: Generated.paths)
}

/// Files with very many addresses.
enum LongLists: CaseIterable {
  case addresses
  case allowedIPs
  case repeatedKey
  case servers
  case tunnel
  case attachedUnits
  case publications
  case portForwards

  var text: String {
    let all = (0..<20_000).map { "10.\(64 + $0 >> 16).\($0 >> 8 & 255).\($0 & 255)" }
    let list = all.joined(separator: ",")
    switch self {
    case .addresses: return minimalConfig + "WIREGUARD_IP_ADDRESSES=\(list)\n"
    case .allowedIPs: return minimalConfig + "WIREGUARD_ALLOWED_IPS=\(list)\n"
    case .servers:
      return minimalConfig + "WIREGUARD_ALLOWED_IPS=\(list)\nWIREGUARD_DNS=\(list)\n"
    case .tunnel:
      return minimalConfig
        + "TUNNEL_INIT_IP_ADDRESSES=\(list)\nTUNNEL_VPN_IP_ADDRESSES=\(list)\n"
    case .attachedUnits:
      return minimalConfig
        + "ATTACH_UNITS=\(all.map { "a\($0).service" }.joined(separator: ","))\n"
    case .publications:
      return minimalConfig + "PUBLISH=\(all.map { "\($0):1" }.joined(separator: ","))\n"
    case .portForwards:
      let forwards = (1...20_000).map { "eth0:\($0)/tcp" }.joined(separator: ",")
      return minimalConfig + "TUNNEL_PORT_FORWARDS=\(forwards)\n"
    case .repeatedKey:
      return """
        [Interface]
        PrivateKey = \(TestKeys.privateKey)
        Address = 10.64.0.2/32
        [Peer]
        PublicKey = \(TestKeys.publicKey)
        Endpoint = 192.0.2.1:51820

        """ + all.map { "AllowedIPs = \($0)\n" }.joined()
    }
  }
}

/// What this thread has used of a processor, in seconds: a busy machine does not change it.
private func processorSeconds() -> Int {
  var time = timespec()
  _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return time.tv_sec
}
