internal import GeneratorCore
internal import Stage
internal import SystemCalls

/// Packets with a mark of their own, sent from inside by every way there might be, and looked for in
/// the clear on all interfaces of the host.
struct LeakProbes {
  private let report: InstanceReport
  private let namespace: ObservedInstance.Namespace
  private let observer = Observer()

  init(_ report: InstanceReport, _ namespace: ObservedInstance.Namespace) {
    self.report = report
    self.namespace = namespace
  }

  /// What is asked, and the datagrams that answer it.
  private struct Probe {
    let question: String
    let datagrams: [Datagram]
  }

  func checks() throws(CommandFailure) -> [LeakCheck] {
    let capture = try system(try PacketCapture())
    let detector = try proveDetector(capture)
    // Blind, nothing that follows would mean anything.
    guard detector.answer == .yes else { return [detector] }
    var checks = [detector]
    for probe in probes { checks.append(try check(probe, capture)) }
    return checks
  }

  /// A leak of our own, from the host to itself.
  private func proveDetector(_ capture: borrowing PacketCapture) throws(CommandFailure) -> LeakCheck
  {
    let mark = Self.mark()
    let question = "Does the detector see a packet in the clear?"
    guard let loopback = IPAddress("127.0.0.1") else {
      return LeakCheck(question, .unknown, "no loopback address")
    }
    do throws(StageError) {
      try observer.send(Datagram(to: SocketAddress(loopback, port: 9), mark), inside: nil)
    } catch { return LeakCheck(question, .unknown, "\(error)") }
    let found = try system(try capture.find([mark], quiet: 300))
    return LeakCheck(
      question, !found.isEmpty,
      found.first.map { "one of the host's own, on \($0.interface)" } ?? "not even the host's own")
  }

  private func check(
    _ probe: Probe, _ capture: borrowing PacketCapture
  ) throws(CommandFailure) -> LeakCheck {
    var marks: [[UInt8]] = []
    var sent = 0
    var reasons: [String] = []
    for datagram in probe.datagrams {
      let mark = Self.mark()
      marks.append(mark)
      do throws(StageError) {
        try observer.send(
          Datagram(to: datagram.destination, mark, by: datagram.interface), inside: namespace)
        sent += 1
      } catch {
        let reason = "\(error)".split(separator: ": ").last.map(String.init) ?? ""
        if !reasons.contains(reason) { reasons.append(reason) }
      }
    }
    let found = try system(try capture.find(marks, quiet: 400))
    if let leak = found.first {
      let datagram = probe.datagrams[leak.mark]
      return LeakCheck(
        probe.question, .no,
        "a packet to \(datagram.destination) was in the clear on \(leak.interface)")
    }
    let refused = probe.datagrams.count - sent
    var words = ["\(sent) sent, none seen"]
    if refused > 0 { words.append("\(refused) refused: \(reasons.joined(separator: ", "))") }
    return LeakCheck(probe.question, .yes, words.joined(separator: "; "))
  }

  /// 16 bytes that no other packet has.
  private static func mark() -> [UInt8] {
    (0..<16).map { _ in UInt8.random(in: .min ... .max) }
  }

  // MARK: where to

  private var probes: [Probe] {
    // Nobody has these addresses; RFC 5737, RFC 3849.
    let internet = ["198.51.100.1", "203.0.113.1", "2001:db8:ffff::1"].compactMap { IPAddress($0) }
    let multicast = ["224.0.0.251", "ff02::fb"].compactMap { IPAddress($0) }
    let links = report.observed.insideLinks ?? []
    let hostAddresses = observer.hostAddresses().map(\.address)
    let pair = report.observed.tunnel?.insideName
    return [
      Probe(
        question: "Is the Internet out of reach in the clear?",
        datagrams: internet.map { Datagram(to: SocketAddress($0, port: 9), []) }),
      Probe(
        question: "Do the host's name servers get no queries?",
        datagrams: (hostServers + internet).map { Datagram(to: SocketAddress($0, port: 53), []) }),
      Probe(
        question: "Does nobody near get mDNS or LLMNR queries?",
        datagrams: links.flatMap { link in
          multicast.flatMap { address in
            [5353, 5355].map { Datagram(to: SocketAddress(address, port: $0), [], by: link) }
          }
        }),
      Probe(
        question: "Do the host's addresses get nothing?",
        datagrams: hostAddresses.filter { !$0.isLoopback }
          .map { Datagram(to: SocketAddress($0, port: 9), []) }),
      Probe(
        question: "Does a socket bound to the tunnel get nothing out?",
        datagrams: pair.map { link in
          (internet + hostAddresses.filter { !$0.isLoopback })
            .map { Datagram(to: SocketAddress($0, port: 9), [], by: link) }
        } ?? []),
    ].filter { !$0.datagrams.isEmpty }
  }

  /// Those of the host's own resolv.conf(5), which services outside ask.
  private var hostServers: [IPAddress] {
    let bytes = (try? readFile("/etc/resolv.conf", limit: 1 << 16)) ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard words.first == "nameserver", words.count > 1 else { return nil }
      return IPAddress(words[1]).flatMap { $0.isLoopback ? nil : $0 }
    }
  }
}

extension IPAddress {
  fileprivate var isLoopback: Bool {
    family == .ipv4
      ? bytes.first == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
  }
}
