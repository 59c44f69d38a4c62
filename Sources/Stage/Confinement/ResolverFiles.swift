internal import GeneratorCore
internal import SystemCalls

/// What names are resolved by inside: the texts of resolv.conf(5) and nsswitch.conf(5).
struct ResolverFiles: Equatable {
  let resolvConf: String
  let nameServiceSwitch: String
  /// Who may be asked: the configured servers, and those of an overlay of the user's.
  let servers: [IPAddress]

  /// `overlay` is what the user has put into /etc/netns/NAME, which counts before anything of ours.
  init(dns: [DNSEntry], overlay: Overlay, hostSwitch: String?) {
    resolvConf = overlay.resolvConf ?? Self.resolvConf(dns)
    nameServiceSwitch = overlay.nameServiceSwitch ?? confinedSwitch(hostSwitch ?? "")
    var servers: [IPAddress] = []
    for server in dns.servers + Self.nameServers(resolvConf) where !servers.contains(server) {
      // A resolver inside asks others, whom nobody named to us.
      if !server.isLoopback { servers.append(server) }
    }
    self.servers = servers
  }

  /// Files of the user's below /etc/netns/NAME, ip-netns(8); nil for each that is not there.
  struct Overlay: Equatable {
    var resolvConf: String?
    var nameServiceSwitch: String?
  }

  /// The addresses of `nameserver` lines, resolv.conf(5).
  static func nameServers(_ text: String) -> [IPAddress] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      let words = line.split(whereSeparator: \.isBlank)
      return words.first == "nameserver" && words.count > 1 ? IPAddress(words[1]) : nil
    }
  }

  private static func resolvConf(_ dns: [DNSEntry]) -> String {
    let servers = dns.servers.map { "nameserver \($0)\n" }.joined()
    let domains = dns.compactMap { if case .searchDomain(let domain) = $0 { domain } else { nil } }
    // Without a server the C library asks 127.0.0.1, and nobody answers there.
    return domains.isEmpty ? servers : "search \(domains.joined(separator: " "))\n" + servers
  }
}

extension [DNSEntry] {
  fileprivate var servers: [IPAddress] {
    compactMap { if case .server(let address) = $0 { address } else { nil } }
  }
}

/// The host's nsswitch.conf(5) less the services of `hosts` that ask by other ways than
/// resolv.conf(5): systemd-resolved through its socket, mDNS and WINS the neighbourhood.
func confinedSwitch(_ text: String) -> String {
  var lines: [String] = []
  var hasHosts = false
  let newline = UInt8(ascii: "\n")
  for bytes in text.utf8.split(separator: newline, omittingEmptySubsequences: false) {
    let line = Substring(bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes)
    guard let services = hostServices(line) else {
      lines.append(String(line))
      continue
    }
    hasHosts = true
    lines.append("hosts: " + confinedServices(services).joined(separator: " "))
  }
  while lines.last?.isEmpty ?? false { lines.removeLast() }
  if !hasHosts { lines.append("hosts: files dns") }
  return lines.joined(separator: "\n") + "\n"
}

/// What a line for `hosts` holds; nil for any other.
///
/// The C library reads `hosts:files` and `hosts : files` as it does `hosts: files`.
private func hostServices(_ line: Substring) -> Substring? {
  guard line.utf8.first(where: { !$0.isSpace }) == UInt8(ascii: "h") else { return nil }
  let setting = line.prefix { $0 != "#" }.drop(while: \.isBlank)
  guard setting.hasPrefix("hosts") else { return nil }
  let rest = setting.dropFirst("hosts".count)
  guard let next = rest.first, next == ":" || next.isBlank else { return nil }
  return rest.drop { $0 == ":" || $0.isBlank }
}

/// Drops services together with the `[STATUS=action]` that follows each.
private func confinedServices(_ text: Substring) -> [String] {
  var kept: [String] = []
  var isDropping = false
  var isAction = false
  // No blank need stand beside a bracket.
  let spaced = text.flatMap { $0 == "[" ? [" ", $0] : $0 == "]" ? [$0, " "] : [$0] }
  for word in String(spaced).split(whereSeparator: \.isBlank) {
    // An action may have blanks inside its brackets.
    if !isAction && !word.hasPrefix("[") {
      isDropping = word == "resolve" || word == "wins" || word.hasPrefix("mdns")
    }
    if !isDropping { kept.append(String(word)) }
    isAction = (isAction || word.hasPrefix("[")) && !word.hasSuffix("]")
  }
  // Without it no name of the VPN's would ever be found.
  if !kept.contains("dns") { kept.append("dns") }
  return kept
}

extension Character {
  /// As the C library asks it, in a line.
  fileprivate var isBlank: Bool { asciiValue?.isSpace ?? false }
}

extension IPAddress {
  fileprivate var isLoopback: Bool {
    family == .ipv4
      ? bytes.first == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
  }
}
