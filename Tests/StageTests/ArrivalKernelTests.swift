import CLinux
import Glibc
import Netlink
import SystemCalls
import Testing

@testable import Stage

private let localRoute = UInt8(RTN_LOCAL)

/// What a search sees of what comes back, with the kernel's own filter on real packets.
@Suite(.enabled(if: StageSandbox.isPossible, StageSandbox.reason))
struct ArrivalKernelTests {
  private static func endpoint(_ text: String, _ port: UInt16) throws -> SocketAddress {
    SocketAddress(try #require(IPAddress(text)), port: port)
  }

  /// In a namespace with these addresses on its loopback interface.
  private static func onLoopback(
    _ addresses: [String], _ body: () throws -> Void
  ) throws {
    let namespace = try NetworkNamespace.current()
    var executor = try KernelExecutor(namespace: namespace)
    try executor.perform(
      [.bringUp(interface: "lo", .host)]
        + addresses.map { .addAddress(try prefix($0), interface: "lo", .host) }
    ) { (_) throws(StageError) in }
    // The kernel makes an IPv6 address's route in its own time.
    for address in try addresses.map({ try prefix($0).address }) {
      for _ in 0..<3000 where (try? executor.host.route(to: address))?.type != localRoute {
        sleep(milliseconds: 10)
      }
    }
    try body()
  }

  /// What has arrived, within some seconds.
  private static func seen(_ watch: ArrivalWatch) -> Arrival? {
    for _ in 0..<200 {
      watch.look()
      if let seen = watch.seen { return seen }
      sleep(milliseconds: 10)
    }
    return nil
  }

  @Test(arguments: ["192.0.2.1", "2001:db8::1"])
  func aPacketOfTheEndpointAndNoOther(address: String) async {
    await #expect(processExitsWith: .success) { [address] in
      withSandbox { _ in
        let length = address.contains(":") ? 128 : 32
        let other = address.dropLast() + "2"
        try Self.onLoopback(["\(address)/\(length)", "\(other)/\(length)"]) {
          let watch = try ArrivalWatch(try Self.endpoint(address, 4000))
          let others = try ArrivalWatch(try Self.endpoint(String(other), 4000))
          let port = try PacketProbe.boundDatagram(String(other), 5000)
          // What comes first is not seen, or it would be when the second is.
          let third = try ArrivalWatch(try Self.endpoint(address, 4001))
          try PacketProbe.send(from: address, 4001, to: String(other), 5000)
          #expect(Self.seen(third) == .packet)
          watch.look()
          #expect(watch.seen == nil)
          try PacketProbe.send(from: address, 4000, to: String(other), 5000)
          #expect(Self.seen(watch) == .packet)
          others.look()
          #expect(others.seen == nil)
          _ = consume port
        }
      }
    }
  }

  @Test(arguments: ["192.0.2.1", "2001:db8::1"])
  func whoSaysThatItCannotBeReached(address: String) async {
    await #expect(processExitsWith: .success) { [address] in
      withSandbox { _ in
        let length = address.contains(":") ? 128 : 32
        try Self.onLoopback(["\(address)/\(length)"]) {
          let watch = try ArrivalWatch(try Self.endpoint(address, 4000))
          let other = try ArrivalWatch(try Self.endpoint(address, 4001))
          // Nobody listens there.
          try PacketProbe.send(from: address, 5000, to: address, 4000)
          #expect(Self.seen(watch) == .unreachable(from: try #require(IPAddress(address))))
          other.look()
          #expect(other.seen == nil)
        }
      }
    }
  }
}
