import Testing

@testable import GeneratorCore

/// A cheap stand-in for a fuzzer: thousands of bad files a run, the same ones every time.
///
/// A trap would end the test process; what is left to check is that each file gives units that
/// either work or refuse, with nothing in them that is not ours, and no key.
@Suite struct RobustnessTests {
  /// SplitMix64: small, and the same sequence everywhere.
  struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var word = state
      word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
      word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
      return word ^ word >> 31
    }
  }

  private static let good =
    minimalConfig + """
      WIREGUARD_VPN_PPRESHARED_KEY="\(TestKeys.presharedKey)"
      # A comment with a \\
      NETNS_NAME='vpn'
      WIREGUARD_NAME=wg\\
      0
      WIREGUARD_ALLOWED_IPS=0.0.0.0/0,::/0
      WIREGUARD_INITIAL_MTU=1420
      WIREGUARD_PERSISTENT_KEEPALIVE=25
      WIREGUARD_LISTEN_PORT=51820
      WIREGUARD_FWMARK=0xca6c
      TUNNEL_ENABLE=1
      TUNNEL_INIT_IP_ADDRESSES=10.127.0.1/30,fd00::1/126
      TUNNEL_VPN_IP_ADDRESSES=10.127.0.2/30,fd00::2/126
      AUTOSTART=yes

      """
  private static let provider =
    minimalProviderFile.replacing("10.64.0.2/32", with: "10.64.0.2/32, fd00::2/128") + """
      PresharedKey = \(TestKeys.presharedKey)
      PersistentKeepalive = 25 # seconds
      [peer]
      PublicKey = \(TestKeys.publicKey.replacing("u", with: "v"))
      AllowedIPs = 192.168.7.0/24
      [Interface]
      DNS = 10.64.0.1, example.org
      MTU = 1420
      Table = off
      FwMark = 0xca6c
      PostUp = true
      [Namespace]
      Name = vpn
      Autostart = yes
      [Tunnel]
      HostAddress = 10.127.0.1/30
      Address = 10.127.0.2/30

      """
  private static let keyElsewhere =
    good.split(separator: "\n").dropFirst().joined(separator: "\n")
    + "\nWIREGUARD_PRIVATE_KEY_FILE=/etc/wireguard/key\n"

  private let detector = KeyDetector([
    TestKeys.privateKey, TestKeys.publicKey, TestKeys.presharedKey,
  ])

  @Test func theFilesToMutateAreGood() throws {
    for text in [Self.good, Self.keyElsewhere, Self.provider] {
      let loaded = try load(text)
      #expect(loaded.instance != nil && loaded.diagnostics.count == (text == Self.provider ? 1 : 0))
      #expect(detector.finds(in: text))
    }
  }

  @Test(arguments: 0..<8) func randomBytes(seed: UInt64) throws {
    var random = Random(state: seed)
    let likely = Array("=\"'\\\n\r#; \tAW_1./:%$[]".utf8)
    for _ in 0..<250 {
      let bytes = (0..<Int.random(in: 0...400, using: &random)).map { _ in
        Bool.random(using: &random)
          ? UInt8.random(in: 0...255, using: &random)
          : likely[Int.random(in: likely.indices, using: &random)]
      }
      try check(bytes)
      try check(Array("[Peer]\n".utf8) + bytes)
    }
  }

  @Test(arguments: 0..<8) func mutatedFiles(seed: UInt64) throws {
    var random = Random(state: seed &+ 1000)
    var instances = 0
    let files = [Self.good, Self.keyElsewhere, Self.provider].map { Array($0.utf8) }
    for number in 0..<450 {
      var bytes = files[number % files.count]
      for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&bytes, with: &random) }
      if try check(bytes) { instances += 1 }
    }
    // Mutations that leave nothing, or everything, good would test little.
    #expect((22...428).contains(instances))
  }

  private func mutate(_ bytes: inout [UInt8], with random: inout Random) {
    guard !bytes.isEmpty else { return }
    let start = Int.random(in: bytes.indices, using: &random)
    let end = Int.random(in: start...min(start + 60, bytes.count), using: &random)
    switch Int.random(in: 0..<8, using: &random) {
    case 0: bytes[start] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: bytes.remove(at: start)
    case 3: bytes.insert(UInt8.random(in: 0...127, using: &random), at: start)
    case 4: bytes.removeSubrange(start..<end)
    case 5: bytes.insert(contentsOf: bytes[start..<end], at: start)
    case 6: bytes.removeLast(bytes.count - start)
    default:
      // A lost newline joins two lines, and may carry a key into a value that is shown.
      if let newline = bytes[start...].firstIndex(of: .newline) { bytes.remove(at: newline) }
    }
  }

  /// Whether the file made an instance.
  @discardableResult private func check(_ bytes: [UInt8]) throws -> Bool {
    let loaded = try load(bytes)
    #expect((loaded.instance == nil) == loaded.diagnostics.contains { $0.isError })
    let texts = inMemory(loaded)
    for text in texts where detector.finds(in: text) {
      Issue.record("a key was echoed: \(String(decoding: bytes, as: UTF8.self).debugDescription)")
    }
    let lines = texts.flatMap { $0.utf8.split(separator: .newline) }
    #expect(!lines.contains { $0.last == .backslash })
    let starts = lines.count { $0.starts(with: "ExecStart=".utf8) }
    #expect(starts >= 2 && starts == lines.count { $0.elementsEqual("[Service]".utf8) })
    return loaded.instance != nil
  }
}
