import CLinux
import Glibc
import Netlink
import SystemCalls
import Testing

/// Addresses and routes against the kernel, in namespaces of their own.
@Suite(.enabled(if: KernelSupport.canUnshare, KernelSupport.unshareReason))
struct KernelRouteTests {
  @Test func addressesOfBothFamiliesAreReadBack() async {
    await #expect(processExitsWith: .success) {
      withVethPair { pair in
        let addresses = try pair.here.addresses().filter {
          $0.interfaceIndex == pair.host && $0.scope == RT_SCOPE_UNIVERSE.rawValue
        }
        #expect(try addresses.map(\.prefix) == [prefix("10.127.0.1/30"), prefix("fd00::1/64")])
        // Usable at once: without IFA_F_NODAD it would be tentative.
        #expect(addresses.last.map { $0.flags & UInt32(IFA_F_TENTATIVE) } == 0)
      }
    }
  }

  @Test func anAddressCanBeAddedAndDeletedOnce() async {
    await #expect(processExitsWith: .success) {
      withVethPair { pair in
        for text in ["10.127.0.1/30", "fd00::1/64"] {
          let add = try AddressMessage.add(prefix(text), interface: pair.host)
          let delete = try AddressMessage.delete(prefix(text), interface: pair.host)
          let added = #expect(throws: NetlinkError.self) { try pair.here.request(add) }
          #expect(added?.number == EEXIST)
          try pair.here.request(delete)
          let gone = #expect(throws: NetlinkError.self) { try pair.here.request(delete) }
          #expect(gone?.number == EADDRNOTAVAIL)
        }
      }
    }
  }

  @Test func withoutPrefixRouteThereIsNone() async {
    await #expect(processExitsWith: .success) {
      withVethPair { pair in
        for text in ["10.9.0.1/24", "fd09::1/64"] {
          let prefix = try prefix(text)
          try pair.here.request(
            AddressMessage.add(prefix, interface: pair.host, noPrefixRoute: true))
          let destinations = try pair.here.routes(prefix.family).map(\.destination)
          #expect(!destinations.contains(prefix.network))
          #expect(!destinations.isEmpty)
        }
      }
    }
  }

  /// More than go to the kernel at once, and two that it refuses, of which one is expected.
  @Test func manyRequestsAreDoneAndTheFirstFailureIsTold() async {
    await #expect(processExitsWith: .success) {
      withVethPair { pair in
        let kind = RouteMessage.Kind.unicast(outputInterface: pair.host)
        let prefixes = try (0..<1000).map { try prefix("198.18.\($0 / 250).\($0 % 250)/32") }
        var adding = try prefixes.map { try RouteMessage.add(destination: $0, kind: kind) }
        try pair.here.request(Array(adding.dropFirst()))
        #expect(try present(prefixes, pair.here) == Set(prefixes.dropFirst()))
        var deleting = try prefixes.map { try RouteMessage.delete(destination: $0, kind: kind) }
        // The first is not there.
        try pair.here.request(deleting, tolerating: [ESRCH])
        #expect(try present(prefixes, pair.here) == [])
        adding.insert(adding[40], at: 50)
        let twice = #expect(throws: NetlinkError.self) { try pair.here.request(adding) }
        #expect(twice?.number == EEXIST && twice?.operation == adding[40].operation)
        // What went to the kernel together is done, what would have come later is not.
        let done = Set(prefixes.prefix(NetlinkSocket.batchLimit - 1))
        #expect(try present(prefixes, pair.here) == done)
        deleting.removeLast(deleting.count - 10)
        try pair.here.request(deleting)
        let gone = #expect(throws: NetlinkError.self) {
          try pair.here.request(deleting, tolerating: [EEXIST])
        }
        #expect(gone?.number == ESRCH && gone?.operation == deleting[0].operation)
        #expect(try pair.here.link(index: pair.host) != nil, "the socket is still in step")
      }
    }
  }

  @Test func routesAreReadBackAndDeleted() async {
    await #expect(processExitsWith: .success) {
      withVethPair { pair in
        for text in ["192.0.2.0/24", "2001:db8::/32", "0.0.0.0/0", "::/0"] {
          let prefix = try prefix(text)
          let kind = RouteMessage.Kind.unicast(outputInterface: pair.host)
          try pair.here.request(RouteMessage.add(destination: prefix, kind: kind, metric: 50))
          let routes = try pair.here.routes(prefix.family).filter { $0.metric == 50 }
          #expect(routes.map(\.destination) == [prefix])
          #expect(routes.first?.outputInterface == pair.host)
          #expect(routes.first?.table == RT_TABLE_MAIN.rawValue)
          #expect(routes.first.map { Int32($0.origin) } == RTPROT_STATIC)
          let again = #expect(throws: NetlinkError.self) {
            try pair.here.request(RouteMessage.add(destination: prefix, kind: kind, metric: 50))
          }
          #expect(again?.number == EEXIST)
          try pair.here.request(RouteMessage.replace(destination: prefix, kind: kind, metric: 50))
          try pair.here.request(RouteMessage.delete(destination: prefix, kind: kind, metric: 50))
          let gone = #expect(throws: NetlinkError.self) {
            try pair.here.request(RouteMessage.delete(destination: prefix, kind: kind, metric: 50))
          }
          #expect(gone?.number == ESRCH)
        }
      }
    }
  }

  @Test func anUnreachableRouteStandsBehindAnother() async {
    await #expect(processExitsWith: .success) {
      withVethPair { pair in
        for (everything, one) in [("0.0.0.0/0", "203.0.113.7"), ("::/0", "2001:db8::7")] {
          let (prefix, address) = (try prefix(everything), try address(one))
          let unreachable = try RouteMessage.add(
            destination: prefix, kind: .unreachable, metric: 4_278_198_272)
          try pair.here.request(unreachable)
          #expect(try pair.here.routes(prefix.family).contains { $0.isUnreachable })
          let error = #expect(throws: NetlinkError.self) { try pair.here.route(to: address) }
          #expect(error?.number == EHOSTUNREACH)

          try pair.here.request(
            RouteMessage.add(
              destination: prefix, kind: .unicast(outputInterface: pair.host), metric: 50))
          #expect(try pair.here.route(to: address).outputInterface == pair.host)

          // Without the interface nothing but the unreachable route is left.
          try pair.here.request(LinkMessage.set(index: pair.host, up: false))
          #expect(throws: NetlinkError.self) { try pair.here.route(to: address) }
          try pair.here.request(
            RouteMessage.delete(destination: prefix, kind: .unreachable, metric: 4_278_198_272))
          let none = #expect(throws: NetlinkError.self) { try pair.here.route(to: address) }
          #expect(none?.number == ENETUNREACH)
          try pair.here.request(LinkMessage.set(index: pair.host, up: true))
        }
      }
    }
  }

  @Test func aTableAbove255IsReadBack() async {
    await #expect(processExitsWith: .success) {
      withVethPair { pair in
        let everything = try prefix("0.0.0.0/0")
        try pair.here.request(
          RouteMessage.add(
            destination: everything, kind: .unicast(outputInterface: pair.host), table: 51820))
        let routes = try pair.here.routes(.ipv4).filter { $0.table == 51820 }
        #expect(routes.map(\.destination) == [everything])
      }
    }
  }

  @Test func aLookupNamesTheSourceAddress() async {
    await #expect(processExitsWith: .success) {
      withVethPair { pair in
        for (target, source) in [("10.127.0.2", "10.127.0.1"), ("fd00::2", "fd00::1")] {
          let route = try pair.here.route(to: address(target), mark: 51820)
          #expect(route.outputInterface == pair.host)
          #expect(try route.source == address(source))
          #expect(route.mtu == nil)
        }
      }
    }
  }
}

/// Those for which there is a route.
private func present(
  _ prefixes: [IPPrefix], _ socket: borrowing NetlinkSocket
) throws -> Set<IPPrefix> {
  Set(try socket.routes(.ipv4).map(\.destination)).intersection(prefixes)
}
