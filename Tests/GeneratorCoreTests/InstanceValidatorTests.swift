import SystemCalls
import Testing

@testable import GeneratorCore

/// Rules across keys, and the defaults for what a file leaves out.
@Suite struct InstanceValidatorTests {
  /// The errors of the minimal file with some lines taken out and others added.
  private func errors(without: [String] = [], with lines: String = "") throws -> [String] {
    let kept = minimalConfig.split(separator: "\n").filter { line in
      !without.contains { line.hasPrefix("\($0)=") }
    }
    let loaded = try load(kept.map { $0 + "\n" }.joined() + lines)
    #expect((loaded.instance == nil) == loaded.diagnostics.contains(where: \.isError))
    return loaded.diagnostics.filter(\.isError).map(\.description)
  }

  @Test func minimalFileIsGood() throws {
    #expect(try errors() == [])
  }

  @Test(arguments: ["WIREGUARD_ENDPOINT", "WIREGUARD_VPN_PUBLIC_KEY", "WIREGUARD_IP_ADDRESSES"])
  func requiredKeys(_ key: String) throws {
    #expect(
      try errors(without: [key]) == ["/c/work.conf: \(key)= is missing; VPN 'work' does not start"])
  }

  @Test func somePrivateKeyIsRequired() throws {
    #expect(
      try errors(without: ["WIREGUARD_PRIVATE_KEY"]) == [
        "/c/work.conf: WIREGUARD_PRIVATE_KEY= is missing, and so are WIREGUARD_PRIVATE_KEY_FILE="
          + " and WIREGUARD_PRIVATE_KEY_CREDENTIAL=; one of them must be there; VPN 'work' does not"
          + " start"
      ])
  }

  @Test(arguments: [
    "WIREGUARD_PRIVATE_KEY_FILE=/etc/key\n", "WIREGUARD_PRIVATE_KEY_CREDENTIAL=key\n",
  ])
  func onePrivateKeyIsEnough(_ line: String) throws {
    #expect(try errors(without: ["WIREGUARD_PRIVATE_KEY"], with: line) == [])
    #expect(
      try errors(with: line) == [
        "/c/work.conf:5:\(line.split(separator: "=")[0].count + 2):"
          + " \(line.split(separator: "=")[0])= is a second private key beside"
          + " WIREGUARD_PRIVATE_KEY=; keep one; VPN 'work' does not start"
      ])
  }

  /// A value that was refused is not missing as well.
  @Test(arguments: [
    "WIREGUARD_PRIVATE_KEY", "WIREGUARD_ENDPOINT", "WIREGUARD_VPN_PUBLIC_KEY",
    "WIREGUARD_IP_ADDRESSES",
  ])
  func refusedValueGivesOneMessage(_ key: String) throws {
    let messages = try errors(without: [key], with: "\(key)=?\n")
    #expect(messages.count == 1)
    #expect(messages.allSatisfy { $0.hasPrefix("/c/work.conf:4:\(key.utf8.count + 2): \(key)=: ") })
  }

  @Test(arguments: [
    (TestKeys.privateKey, "is the same as WIREGUARD_PRIVATE_KEY="),
    (TestKeys.ownPublicKey, "is our own public key, made from WIREGUARD_PRIVATE_KEY="),
  ])
  func ownKeyAsPublicKey(key: String, problem: String) throws {
    let line = "WIREGUARD_VPN_PUBLIC_KEY=\(key)\n"
    #expect(
      try errors(without: ["WIREGUARD_VPN_PUBLIC_KEY"], with: line) == [
        "/c/work.conf:4:26: WIREGUARD_VPN_PUBLIC_KEY=: the value \(problem); allowed: the public key"
          + " of the provider's server; VPN 'work' does not start"
      ])
    // Of a private key that is elsewhere nothing is known here.
    let elsewhere = "WIREGUARD_PRIVATE_KEY_FILE=/etc/key\n"
    #expect(
      try errors(
        without: ["WIREGUARD_VPN_PUBLIC_KEY", "WIREGUARD_PRIVATE_KEY"], with: line + elsewhere)
        == [])
  }

  /// The five bits that do not count are set here: as a text it is another key.
  @Test func ownKeyOfThatPrivateKeyInOtherWords() throws {
    let file = minimalConfig.replacing(TestKeys.publicKey, with: TestKeys.ownPublicKey)
      .replacing(TestKeys.privateKey, with: "v2A8nT+fIDskedH754EtqoHwrO5ZKT1z+1JP81SkuNo=")
    #expect(try load(file).diagnostics.map { $0.text.contains("our own public key") } == [true])
  }

  @Test(arguments: [
    ("1279", "10.0.0.1,fd00::1", true), ("1280", "10.0.0.1,fd00::1", false),
    ("1279", "10.0.0.1", false), ("576", "fd00::1", true), ("auto", "fd00::1", false),
  ])
  func mtuForIPv6(mtu: String, addresses: String, isRefused: Bool) throws {
    let messages = try errors(
      without: ["WIREGUARD_IP_ADDRESSES"],
      with: "WIREGUARD_IP_ADDRESSES=\(addresses)\nWIREGUARD_INITIAL_MTU=\(mtu)\n")
    let expected =
      "/c/work.conf:5:23: WIREGUARD_INITIAL_MTU=: '\(mtu)' is too small for the IPv6 address in"
      + " WIREGUARD_IP_ADDRESSES=; allowed: 1280 to 65535, or no IPv6 address; VPN 'work' does"
      + " not start"
    #expect(messages == (isRefused ? [expected] : []))
  }

  @Test(arguments: [
    ("WIREGUARD_NAME=x\nTUNNEL_VPN_NAME=x\n", "/c/work.conf:6:17: ", "x"),
    ("WIREGUARD_NAME=veth-work1\n", "/c/work.conf:5:16: ", "veth-work1"),
    ("TUNNEL_VPN_NAME=wg-work\n", "/c/work.conf:5:17: ", "wg-work"),
  ])
  func oneNameForTwoInterfaces(lines: String, place: String, name: String) throws {
    #expect(
      try errors(with: lines) == [
        place + "TUNNEL_VPN_NAME= and WIREGUARD_NAME= are both '\(name)', and both interfaces are"
          + " in the VPN's namespace; choose two names; VPN 'work' does not start"
      ])
    #expect(try errors(with: lines + "TUNNEL_ENABLE=no\n") == [])
  }

  @Test(arguments: [
    ("TUNNEL_INIT_IP_ADDRESSES", "TUNNEL_VPN_IP_ADDRESSES"),
    ("TUNNEL_VPN_IP_ADDRESSES", "TUNNEL_INIT_IP_ADDRESSES"),
  ])
  func tunnelAddressesOfOneEnd(present: String, missing: String) throws {
    #expect(
      try errors(with: "\(present)=10.0.0.1/30\n") == [
        "/c/work.conf:5:\(present.utf8.count + 2): \(present)= is set, \(missing)= is not; set"
          + " both or neither; VPN 'work' does not start"
      ])
    #expect(try errors(with: "\(present)=10.0.0.1/30\n\(missing)=10.0.0.2/30\n") == [])
  }

  @Test func allFaultsOfAFileAtOnce() throws {
    let messages = try errors(
      without: ["WIREGUARD_PRIVATE_KEY", "WIREGUARD_ENDPOINT", "WIREGUARD_IP_ADDRESSES"],
      with: """
        WIREGUARD_ENDPOINT=1.2.3.4
        WIREGUARD_INITIAL_MTU=5
        TUNNEL_INIT_IP_ADDRESSES=10.0.0.1
        WIREGUARD_NAME=x
        TUNNEL_VPN_NAME=x
        PUBLISH=9091
        """)
    // In the order of the lines, and what is missing from the file last.
    #expect(
      messages.map { $0.prefix { $0 != " " } } == [
        "/c/work.conf:2:20:", "/c/work.conf:3:23:", "/c/work.conf:4:26:", "/c/work.conf:6:17:",
        "/c/work.conf:7:9:", "/c/work.conf:", "/c/work.conf:",
      ])
    #expect(messages.allSatisfy { $0.hasSuffix("; VPN 'work' does not start") })
  }
}
