import SystemCalls
import Testing

@testable import GeneratorCore

/// Files in the manner of VPN providers, dropped in as they are: what each means.
@Suite struct ProviderSamplesTests {
  private static let directory =
    "\(GoldenTests.directory)/25-providers/root/etc/namespaced-wireguard-vpn.d"

  /// Of every file all but names and keys.
  static let samples: [(file: String, expected: [String])] = [
    (
      "se-sto-wg-001",
      [
        "address 10.66.17.23/32", "address fc00:bbbb:bbbb:bb01::3:1116/128",
        "name server 10.64.0.1",
        "peer 198.51.100.17:51820 0.0.0.0/0 ::/0",
      ]
    ),
    (
      "wg-NL-123",
      [
        "address 10.2.0.2/32", "name server 10.2.0.1",
        "peer 192.0.2.123:51820 0.0.0.0/0 ::/0 keepalive 25",
      ]
    ),
    (
      "ivpn-Austria-Vienna",
      ["address 172.27.88.12/32", "name server 172.16.0.1", "peer 203.0.113.88:2049 0.0.0.0/0"]
    ),
    (
      "AirVPN_Netherlands_UDP-1637-Entry3",
      [
        "address 10.137.45.66/32", "address fd7d:76ee:e68f:a993:5d1a:9c1:2b3c:44d5/128",
        "name server 10.128.0.1", "name server fd7d:76ee:e68f:a993::1", "MTU 1320",
        "peer nl3.vpn.example.net:1637 0.0.0.0/0 ::/0 preshared keepalive 15",
      ]
    ),
    (
      "Windscribe-Amsterdam-Tulip",
      [
        "address 100.103.12.34/32", "name server 10.255.255.1",
        "peer ams-207-wg.example.net:443 0.0.0.0/0 ::/0 preshared",
      ]
    ),
    (
      "us-nyc",
      [
        "address 10.14.0.2/16", "name server 198.51.100.57", "name server 203.0.113.92",
        "peer us-nyc.prod.example.com:51820 0.0.0.0/0",
      ]
    ),
    (
      "nordlynx-nl1012",
      [
        "address 10.5.0.2/32", "name server 198.51.100.100", "name server 198.51.100.99",
        "listen port 51820", "peer nl1012.example.com:51820 0.0.0.0/0 keepalive 25",
      ]
    ),
    (
      "home",
      [
        "address 10.20.0.2/24", "address fd20::2/64", "name server 10.20.0.1",
        "search domain lan.example", "mark 51820",
        "peer [2001:db8:20::1]:51820 10.20.0.0/24 192.168.10.0/24 fd20::/64 preshared",
        "peer anywhere 192.168.20.0/24 keepalive 25",
      ]
    ),
    (
      "wgcf-profile",
      [
        "address 172.16.0.2/32", "address 2001:db8:110:8d3a::2/128", "name server 198.51.100.1",
        "name server 2001:db8::1111", "MTU 1280", "peer engage.example.com:2408 0.0.0.0/0 ::/0",
      ]
    ),
  ]

  private func load(_ file: String) throws -> (text: String, loaded: LoadedInstance) {
    let bytes = try readFile("\(Self.directory)/\(file).conf", limit: 1 << 20)
    return (String(decoding: bytes, as: UTF8.self), try GeneratorCoreTests.load(bytes, name: file))
  }

  @Test func everySampleIsInTheTable() throws {
    let files = try directoryNames(Self.directory).map { $0.replacing(".conf", with: "") }
    #expect(files.count >= 8 && Set(files) == Set(Self.samples.map(\.file)))
  }

  @Test(arguments: samples) func meaning(file: String, expected: [String]) throws {
    let (text, loaded) = try load(file)
    let instance = try #require(loaded.instance)
    let names = ["namespace", "interface", "tunnel"]
    let meant = instance.summary.filter { line in !names.contains { line.hasPrefix($0) } }
    #expect(meant == expected)
    // One warning for what would have been run; nothing else is odd about any of them.
    let warnings =
      file == "home" ? ["not used: PostUp= (line 9), PostDown= (line 10), SaveConfig="] : []
    #expect(loaded.diagnostics.count == warnings.count)
    for (diagnostic, text) in zip(loaded.diagnostics, warnings) {
      #expect(!diagnostic.isError && diagnostic.text.hasPrefix(text))
    }
    // The keys are those of the file, in its order.
    let keys = try text.matches(of: /= ?([A-Za-z0-9+\/]{43}=)/).map {
      try WireGuardKey(base64: String($0.1))
    }
    var found: [WireGuardKey] = []
    if case .inline(let key) = instance.wireGuard.privateKey { found.append(key) }
    for peer in instance.wireGuard.peers {
      found += [peer.publicKey] + [peer.presharedKey].compactMap(\.self)
    }
    #expect(keys.count >= 2 && keys.count == found.count && keys.allSatisfy(found.contains))
    #expect(keys.first == found.first)
  }

  /// Names of providers' files are too long for interfaces, and differ only at their ends.
  @Test func interfaceNamesFitAndDiffer() throws {
    let names = try Self.samples.flatMap { sample in
      let instance = try #require(try load(sample.file).loaded.instance)
      return [instance.wireGuard.interfaceName, instance.tunnel?.hostInterface ?? ""]
    }
    #expect(names.allSatisfy { (1...15).contains($0.utf8.count) })
    #expect(Set(names).count == 2 * Self.samples.count)
  }

  @Test func ourSectionsBehindTheProviders() throws {
    let path =
      "\(GoldenTests.directory)/26-provider-with-our-sections/root/etc/namespaced-wireguard-vpn.d"
    let loaded = try ["work", "home"].map { name in
      try GeneratorCoreTests.load(readFile("\(path)/\(name).conf", limit: 1 << 20), name: name)
    }
    #expect(loaded.flatMap(\.diagnostics) == [])
    #expect(
      loaded.map { $0.instance?.summary } == [
        [
          "namespace office", "interface wg0", "address 10.66.17.23/32", "no routes",
          "program /usr/bin/wireguard-go", "peer 198.51.100.17:51820 0.0.0.0/0 ::/0",
          "tunnel to-office to-host",
          "tunnel addresses 10.200.0.1/30 fd00:200::1/126 - 10.200.0.2/30 fd00:200::2/126",
          "autostart",
        ],
        [
          "namespace home", "interface wg-home", "private key in /etc/wireguard/home.key",
          "address 10.66.17.23/32", "peer 198.51.100.17:51820 0.0.0.0/0 ::/0", "no tunnel",
        ],
      ])
  }
}
