import Glibc
import Netlink
import SystemCalls
import Testing

/// The messages against the kernel, each test in a process and in namespaces of its own.
@Suite(.enabled(if: KernelSupport.canUnshare, KernelSupport.unshareReason))
struct KernelLinkTests {
  @Test func aNewNamespaceHoldsLoopbackOnly() async {
    await #expect(processExitsWith: .success) {
      withTwoNamespaces { namespaces in
        let links = try namespaces.here.links()
        #expect(links.map(\.name) == ["lo"])
        #expect(links.first?.isUp == false)
      }
    }
  }

  @Test func aVethPeerIsBornInTheOtherNamespace() async {
    await #expect(processExitsWith: .success) {
      withVethPair { pair in
        let host = try #require(try pair.here.link(named: "host"))
        let peer = try #require(try pair.there.link(named: "init"))
        #expect(host.kind == "veth" && peer.kind == "veth")
        #expect(host.mtu == 1400 && peer.mtu == 1400)
        #expect(host.isUp && peer.isUp)
        #expect(host.peerIndex == peer.index && peer.peerIndex == host.index)
        #expect(host.linkNamespaceID != nil)
        #expect(try pair.here.link(named: "init") == nil)
      }
    }
  }

  @Test func aNameThatIsTakenIsEEXIST() async {
    await #expect(processExitsWith: .success) {
      withVethPair { pair in
        let error = #expect(throws: NetlinkError.self) {
          try pair.here.request(
            LinkMessage.createVeth(
              name: "host", peerName: "other",
              peerNamespace: pair.thereDescriptor.rawValue))
        }
        #expect(error?.number == EEXIST)
        let text = "creating link 'host' (RTM_NEWLINK): File exists (EEXIST)"
        #expect(error?.description.hasPrefix(text) == true, "\(error?.description ?? "")")
      }
    }
  }

  @Test func theKernelsWordsAreInTheError() async {
    await #expect(processExitsWith: .success) {
      withVethPair { pair in
        let error = #expect(throws: NetlinkError.self) {
          try pair.here.request(LinkMessage.set(index: pair.host, mtu: 7))
        }
        #expect(error?.number == EINVAL && error?.kernelText == "mtu less than device minimum")
      }
    }
  }

  @Test func changesOnlyWhatIsGiven() async {
    await #expect(processExitsWith: .success) {
      withVethPair { pair in
        try pair.here.request(LinkMessage.set(index: pair.host, mtu: 1380, alias: "nswg work"))
        #expect(try pair.here.link(index: pair.host)?.isUp == true)
        #expect(try pair.here.link(index: pair.host)?.alias == "nswg work")
        // Before Linux 6.2 a link that is up cannot be renamed.
        try pair.here.request(LinkMessage.set(index: pair.host, up: false))
        try pair.here.request(LinkMessage.set(index: pair.host, name: "renamed", alias: ""))
        let link = try #require(try pair.here.link(named: "renamed"))
        #expect(link.index == pair.host && link.mtu == 1380)
        #expect(link.alias == nil && !link.isUp)
      }
    }
  }

  @Test func movesALinkToTheOtherNamespace() async {
    await #expect(processExitsWith: .success) {
      withVethPair { pair in
        let descriptor = pair.thereDescriptor.rawValue
        try pair.here.request(
          LinkMessage.set(index: pair.host, name: "moved", namespace: descriptor))
        #expect(try pair.here.links().map(\.name) == ["lo"])
        #expect(try Set(pair.there.links().map(\.name)) == ["lo", "init", "moved"])
      }
    }
  }

  @Test func deletingOneEndTakesBoth() async {
    await #expect(processExitsWith: .success) {
      withVethPair { pair in
        try pair.here.request(LinkMessage.delete(index: pair.host))
        #expect(try pair.here.link(index: pair.host) == nil)
        #expect(try pair.there.links().map(\.name) == ["lo"])
        let error = #expect(throws: NetlinkError.self) {
          try pair.here.request(LinkMessage.delete(index: pair.host))
        }
        #expect(error?.number == ENODEV)
      }
    }
  }

  @Test func aDumpOfManyLinksIsWhole() async {
    await #expect(processExitsWith: .success) {
      withTwoNamespaces { namespaces in
        for number in 0..<40 {
          try namespaces.here.request(
            LinkMessage.createVeth(
              name: "host\(number)", peerName: "init\(number)",
              peerNamespace: namespaces.thereDescriptor.rawValue))
        }
        #expect(try namespaces.here.links().count == 41)
        #expect(Set(try namespaces.there.links().map(\.name)).count == 41)
      }
    }
  }

  @Test func aFamilyTheKernelLacksIsNil() async {
    await #expect(processExitsWith: .success) {
      withTwoNamespaces { namespaces in
        let controller = try GenericFamily.resolve("nlctrl", over: namespaces.genericThere)
        let none = try GenericFamily.resolve("nswg-none", over: namespaces.genericThere)
        #expect(controller?.id == 16)
        #expect(none == nil)
      }
    }
  }
}
