import Testing

/// A change to the minimal file, and the messages that it gives.
///
/// `line` names the line whose value is replaced by `new`; `-` takes it out. Messages are without
/// the file's path, and errors without their consequence.
struct ValidationRow: Sendable, CustomTestStringConvertible {
  let line: String
  let new: String
  let messages: [String]
  var testDescription: String { "\(line) -> \(new.debugDescription)" }

  init(_ line: String, _ new: String, _ messages: String...) {
    self.line = line
    self.new = new
    self.messages = messages
  }
}

/// The rules, in tables.
enum ValidationRows {
  static let all =
    keys + endpoints + addresses + tunnels + routes + settings + missing + empty

  private static let keyForm = "allowed: the 44 characters that wg genkey or wg pubkey print"
  private static let endpointForm = "allowed: address:port, [IPv6 address]:port or name:port"
  private static let addressForm = "allowed: addresses like 10.0.0.2/32,fd00::2/128"
  private static let nameForm = "allowed: 1 to 15 letters, digits, '_', '-', '.', '+' or '='"

  private static func privateKey(_ value: String, _ problem: String) -> ValidationRow {
    ValidationRow("PrivateKey", value, "error 2:14: PrivateKey=: the value \(problem); \(keyForm)")
  }

  static let keys: [ValidationRow] = [
    privateKey(samplePlaceholderKey, "is the sample's, not a real key"),
    privateKey(String(repeating: "A", count: 43) + "=", "is all zero, which means no key"),
    privateKey(String(TestKeys.privateKey.dropLast()), "is a key without its last character, '='"),
    privateKey(String(TestKeys.privateKey.dropLast(5)), "is not a key: 39 characters long"),
    privateKey(
      String(TestKeys.privateKey.dropLast(2)) + "p=", "is not a key: not base64 of 32 bytes"),
    privateKey(
      TestKeys.privateKey.replacing("+", with: "-"), "is not a key: not base64 of 32 bytes"),
    privateKey(
      String(repeating: "0123456789abcdef", count: 4),
      "is 64 hexadecimal digits: an access token, as for a provider's website, or a key in"
        + " hexadecimal; it is neither as WireGuard writes it"),
    privateKey(
      String(repeating: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", count: 2).prefix(52) + "====",
      "is a key in base32, not in base64"),
    privateKey(
      "eyJhbGciOiJub25lIn0.eyJzdWIiOiJleGFtcGxlIn0.",
      "is an access token (JSON Web Token), not a key"),
    ValidationRow(
      "PublicKey", "x",
      "error 6:13: PublicKey=: the value is not a key: 1 characters long; \(keyForm)"),
    ValidationRow(
      "PublicKey", TestKeys.privateKey,
      "error 6:13: PublicKey=: the value is the same as PrivateKey=; allowed: the public key of the"
        + " provider's server"),
    ValidationRow(
      "PublicKey", TestKeys.ownPublicKey,
      "error 6:13: PublicKey=: the value is our own public key, made from PrivateKey=; allowed: the"
        + " public key of the provider's server"),
    // Also of the second peer, and when something else is wrong.
    ValidationRow(
      "Address", "x\n[Peer]\npublickey = \(TestKeys.ownPublicKey)\nAllowedIPs = 10.0.0.0/8",
      "error 3:11: Address=: 'x' is not an address; \(addressForm)",
      "error 5:13: publickey=: the value is our own public key, made from PrivateKey=; allowed: the"
        + " public key of the provider's server"),
    ValidationRow(
      "PublicKey", "\(TestKeys.publicKey)\nPresharedKey = \(TestKeys.presharedKey)=",
      "error 7:16: PresharedKey=: the value is not a key: 45 characters long; \(keyForm)"),
    ValidationRow(
      "PublicKey", "\(TestKeys.publicKey)\n[Peer]\nPublicKey = \(TestKeys.publicKey)",
      "warning 5:1: no AllowedIPs= in [Peer]: no packet may go to this peer",
      "error 8:13: PublicKey=: two peers have this key, the other one in line 6; join them, or"
        + " correct one"),
  ]

  static let endpoints: [ValidationRow] = [
    ("192.0.2.1", "has no port"), ("[2001:db8::1]", "has no port"),
    ("vpn.example.org", "has no port"),
    ("2001:db8::1:51820", "has an IPv6 address without brackets"),
    ("2001:db8::1", "has no port, or its IPv6 address no brackets"),
    ("192.0.2.1:0", "does not end in a port from 1 to 65535"),
    ("192.0.2.1:65536", "does not end in a port from 1 to 65535"),
    ("192.0.2.256:1", "holds '192.0.2.256', which is no host"),
    ("https://vpn.example.org:443", "holds 'https://vpn.example.org', which is no host"),
    ("[192.0.2.1]:1", "has no IPv6 address in its brackets"),
    ("0.0.0.0:1", "is the unspecified address, which nobody has"),
  ].map { value, problem in
    ValidationRow(
      "Endpoint", value, "error 7:12: Endpoint=: '\(value)' \(problem); \(endpointForm)")
  }

  static let addresses: [ValidationRow] = [
    ValidationRow("Address", "", "error 3:10: Address=: '' holds no address; \(addressForm)"),
    ValidationRow(
      "Address", "10.64.0.2/33",
      "error 3:11: Address=: '10.64.0.2/33' has a prefix length that is not a number from 0 to 32;"
        + " \(addressForm)"),
    ValidationRow(
      "Address", "10.64.0.2, fd00::2/129",
      "error 3:22: Address=: 'fd00::2/129' has a prefix length that is not a number from 0 to 128;"
        + " \(addressForm)"),
    ValidationRow(
      "Address", "10.64.0/24",
      "error 3:11: Address=: '10.64.0/24' is not an address; \(addressForm)"),
    ValidationRow(
      "Address", "0.0.0.0/0",
      "error 3:11: Address=: '0.0.0.0/0' is the unspecified address; allowed: addresses of this"
        + " machine's end"),
    ValidationRow(
      "Address", "10.64.0.2,10.64.0.2/24",
      "error 3:21: Address=: '10.64.0.2' is there before, in line 3; allowed: each address once"),
    ValidationRow(
      "Address", "10.64.0.2\nAddress = 10.64.0.3\nAddress = fd00::1, 10.64.0.2/24",
      "error 5:20: Address=: '10.64.0.2' is there before, in line 3; allowed: each address once"),
    ValidationRow("Address", "10.64.0.2/24, fd00::2/64"),
  ]

  static let tunnels: [ValidationRow] = [
    ValidationRow(
      "AllowedIPs",
      "::/0,0.0.0.0/0\n[Tunnel]\nHostAddress=10.9.0.1/30\nHostAddress=10.9.0.1/24\n"
        + "Address=10.9.0.2/30",
      "error 11:13: HostAddress=: '10.9.0.1' is there before, in line 10; allowed: each address once"
    ),
    ValidationRow(
      "AllowedIPs", "::/0,0.0.0.0/0\n[Tunnel]\nAddress=10.9.0.1/30",
      "error 10:9: Address= is set, HostAddress= in [Tunnel] is not; set both or neither"),
    ValidationRow(
      "AllowedIPs", "::/0,0.0.0.0/0\n[Tunnel]\nAddress=10.9.0.1/30\nHostAddress=10.9.0.1/24",
      "error 10:9: Address=: both ends of the tunnel have the address 10.9.0.1; allowed: two"
        + " addresses of one network"),
    ValidationRow(
      "AllowedIPs", "::/0,0.0.0.0/0\n[Tunnel]\nHostInterface=a-name-of-17-byte\n",
      "error 10:15: HostInterface=: 'a-name-of-17-byte' is 17 bytes long, too long for an interface;"
        + " \(nameForm)"),
    ValidationRow(
      "AllowedIPs", "::/0,0.0.0.0/0\n[Tunnel]\nInterface=a/b\n",
      "error 10:11: Interface=: 'a/b' is not an interface name; \(nameForm)"),
    ValidationRow(
      "AllowedIPs", "::/0,0.0.0.0/0\n[Namespace]\nName=.\nInterface=wg%d\n[Tunnel]\nEnable=maybe",
      "error 10:6: Name=: '.' is not a namespace name; allowed: 1 to 200 letters, digits, '_', '-',"
        + " '.', '+', '@' or ':', not starting with '.'",
      "error 11:11: Interface=: 'wg%d' is not an interface name; \(nameForm)",
      "error 13:8: Enable=: 'maybe' is neither on nor off; allowed: a number, yes, no, true, false,"
        + " on or off"),
    ValidationRow(
      "AllowedIPs", "::/0,0.0.0.0/0\n[Namespace]\nInterface=x\n[Tunnel]\nInterface=x",
      "error 12:11: Interface= in [Tunnel] and Interface= in [Namespace] are both 'x', and both"
        + " interfaces are in the VPN's namespace; choose two names"),
  ]

  static let routes: [ValidationRow] = [
    ValidationRow(
      "AllowedIPs", "10.1.2.3/8, fd00::1/64, 10.0.0.0/24",
      "warning 8:14: AllowedIPs=: '10.1.2.3/8' has bits beyond its prefix length; taking it as"
        + " 10.0.0.0/8",
      "warning 8:26: AllowedIPs=: 'fd00::1/64' has bits beyond its prefix length; taking it as"
        + " fd00::/64"),
    ValidationRow(
      "AllowedIPs", "10.0.0.0/33",
      "error 8:14: AllowedIPs=: '10.0.0.0/33' has a prefix length that is not a number from 0 to 32;"
        + " \(addressForm)"),
    ValidationRow(
      "AllowedIPs",
      "10.0.0.0/8\n[Peer]\nPublicKey=\(TestKeys.presharedKey)\nAllowedIPs=10.0.0.0/24,10.1.1.1/8",
      "warning 11:24: AllowedIPs=: '10.1.1.1/8' has bits beyond its prefix length; taking it as"
        + " 10.0.0.0/8",
      "warning 11:24: AllowedIPs=: '10.0.0.0/8' is also claimed by an earlier peer, which loses it"
        + " to this one"),
    ValidationRow("AllowedIPs", "10.0.0.0/8, 10.0.0.0/8"),
    ValidationRow(
      "Address", "10.64.0.2\nTable = main",
      "error 4:9: Table=: 'main' is not a routing table; allowed: auto, off, or a number from 1"),
  ]

  static let settings: [ValidationRow] = [
    ValidationRow(
      "Address", "10.64.0.2,fd00::2\nMTU = 1279",
      "error 4:7: MTU=: '1279' is too small for the IPv6 address in Address= in [Interface];"
        + " allowed: 1280 to 65535, or no IPv6 address"),
    ValidationRow("Address", "10.64.0.2,fd00::2\nMTU = 1280"),
    ValidationRow("Address", "10.64.0.2\nMTU = 576"),
    ValidationRow(
      "Address", "10.64.0.2\nMTU = 575",
      "error 4:7: MTU=: '575' is not an MTU; allowed: auto, or 576 to 65535 (1280 and up with IPv6)"
    ),
    ValidationRow(
      "Address", "10.64.0.2\nMTU = 65536",
      "error 4:7: MTU=: '65536' is not an MTU; allowed: auto, or 576 to 65535 (1280 and up with IPv6)"
    ),
    ValidationRow(
      "Address", "10.64.0.2\nListenPort = 70000\nFwMark = red",
      "error 4:14: ListenPort=: '70000' is not a port number; allowed: 1 to 65535, or 0 for any",
      "error 5:10: FwMark=: 'red' is not a packet mark; allowed: off, or 0 to 0xffffffff"),
    ValidationRow(
      "AllowedIPs", "0.0.0.0/0\nPersistentKeepalive = 25s",
      "error 9:23: PersistentKeepalive=: '25s' is not a number of seconds; allowed: off, or 0 to"
        + " 65535"),
    ValidationRow(
      "AllowedIPs", "10.64.0.0/10\n[Interface]\nDNS = 10.64.0.1\nDNS = 198.51.100.1, fd00::1, corp",
      "error 11:7: DNS=: the server 198.51.100.1 is in none of the networks of AllowedIPs= in [Peer],"
        + " so no question could reach it; add 198.51.100.1/32 there",
      "error 11:21: DNS=: the server fd00::1 is in none of the networks of AllowedIPs= in [Peer], so"
        + " no question could reach it; add fd00::1/128 there"),
    ValidationRow(
      "AllowedIPs", "0.0.0.0/0\n[Interface]\nDNS = 10.64.0.1, not/a/domain",
      "error 10:18: DNS=: 'not/a/domain' is neither an address nor a domain; allowed: addresses of"
        + " servers and search domains, like 10.64.0.1,example.org"),
    // One fault, one message: what depends on the refused value is not looked at.
    ValidationRow(
      "AllowedIPs", "all\n[Interface]\nDNS = 10.64.0.1",
      "error 8:14: AllowedIPs=: 'all' is not an address; \(addressForm)"),
  ]

  static let missing: [ValidationRow] = [
    ValidationRow(
      "PrivateKey", "-",
      "error: PrivateKey= in [Interface] is missing, and so are PrivateKeyFile= in [Namespace] and"
        + " PrivateKeyCredential= in [Namespace]; one of them must be there"),
    ValidationRow("Address", "-", "error: Address= in [Interface] is missing"),
    ValidationRow("PublicKey", "-", "error 5:1: PublicKey= in [Peer] is missing"),
    ValidationRow("Endpoint", "-", "error 5:1: Endpoint= in [Peer] is missing"),
    ValidationRow(
      "AllowedIPs", "-", "warning 5:1: no AllowedIPs= in [Peer]: no packet may go to this peer"),
    // A peer's refused key does not hide what another peer lacks.
    ValidationRow(
      "PublicKey", "x\n[Peer]",
      "warning 5:1: no AllowedIPs= in [Peer]: no packet may go to this peer",
      "error 6:13: PublicKey=: the value is not a key: 1 characters long; \(keyForm)",
      "error 7:1: PublicKey= in [Peer] is missing"),
  ]
}
