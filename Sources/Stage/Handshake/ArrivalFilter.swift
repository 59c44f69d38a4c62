internal import CLinux
internal import Glibc
internal import SystemCalls

/// A program of the kernel's packet filter, linux/filter.h, that lets through what comes back from
/// an endpoint: UDP from it, and ICMP that says it cannot be reached; pure.
///
/// It reads packets from their IP header on, as a packet socket of type SOCK_DGRAM gets them.
struct ArrivalFilter {
  /// Instructions as in `struct sock_filter`.
  let program: [sock_filter]

  init(_ endpoint: SocketAddress) {
    let alternatives = endpoint.address.family == .ipv4 ? Self.ipv4(endpoint) : Self.ipv6(endpoint)
    program = alternatives.flatMap(Self.assemble) + [Self.statement(BPF_RET | BPF_K, 0)]
  }

  /// One instruction of an alternative.
  private enum Step {
    /// What is loaded must be this; `from` is `BPF_ABS` or, from the index register on, `BPF_IND`.
    case require(_ size: Int32, from: Int32 = BPF_ABS, at: UInt32, is: UInt32)
    /// The index register becomes the length of the IPv4 header, in bytes.
    case indexBehindHeader
  }

  private static func ipv4(_ endpoint: SocketAddress) -> [[Step]] {
    let address = word(endpoint.address.bytes[...])
    let port = UInt32(endpoint.port)
    return [
      [
        .require(BPF_B, at: 9, is: UInt32(IPPROTO_UDP)),
        .require(BPF_W, at: 12, is: address),
        .indexBehindHeader, .require(BPF_H, from: BPF_IND, at: 0, is: port),
      ],
      // Type 3, RFC 792: the header of what could not be delivered follows 8 bytes of ICMP.
      [
        .require(BPF_B, at: 9, is: UInt32(IPPROTO_ICMP)),
        .indexBehindHeader, .require(BPF_B, from: BPF_IND, at: 0, is: 3),
        .require(BPF_W, from: BPF_IND, at: 8 + 16, is: address),
        .require(BPF_H, from: BPF_IND, at: 8 + 20 + 2, is: port),
      ],
    ]
  }

  private static func ipv6(_ endpoint: SocketAddress) -> [[Step]] {
    let port = UInt32(endpoint.port)
    let address = { (offset: UInt32) in
      (0..<4).map { index -> Step in
        .require(
          BPF_W, at: offset + UInt32(index) * 4,
          is: word(endpoint.address.bytes.dropFirst(index * 4)))
      }
    }
    return [
      [.require(BPF_B, at: 6, is: UInt32(IPPROTO_UDP))] + address(8)
        + [.require(BPF_H, at: 40, is: port)],
      // Type 1, RFC 4443.
      [
        .require(BPF_B, at: 6, is: UInt32(IPPROTO_ICMPV6)),
        .require(BPF_B, at: 40, is: 1),
      ] + address(48 + 24) + [.require(BPF_H, at: 48 + 40 + 2, is: port)],
    ]
  }

  /// Accepts a packet that meets all steps; at the first that it does not, the next alternative.
  private static func assemble(_ steps: [Step]) -> [sock_filter] {
    let length = steps.reduce(1) { sum, step in
      if case .require = step { sum + 2 } else { sum + 1 }
    }
    var program: [sock_filter] = []
    for step in steps {
      switch step {
      case .indexBehindHeader: program.append(statement(BPF_LDX | BPF_B | BPF_MSH, 0))
      case .require(let size, let origin, let offset, let value):
        program.append(statement(BPF_LD | size | origin, offset))
        let rest = length - program.count - 1
        program.append(
          sock_filter(
            code: UInt16(BPF_JMP | BPF_JEQ | BPF_K), jt: 0, jf: UInt8(clamping: rest), k: value))
      }
    }
    // As much of the packet as tells what it is.
    return program + [statement(BPF_RET | BPF_K, 128)]
  }

  private static func statement(_ code: Int32, _ value: UInt32) -> sock_filter {
    sock_filter(code: UInt16(code), jt: 0, jf: 0, k: value)
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }
}
