import GeneratorCore
import SystemCalls
import Testing

@testable import Stage

@Suite struct StageCommandTests {
  @Test func everyStageGoesUpAndDown() throws {
    let work = try #require(InstanceName("work"))
    for stage in StageName.allCases {
      #expect(StageCommand([stage.rawValue, "up", "work"]) == .up(stage, work, subnet: nil))
      #expect(StageCommand([stage.rawValue, "down", "work"]) == .down(stage, work))
    }
  }

  @Test func aRunningInstanceIsReloaded() throws {
    #expect(StageCommand(["wg", "reload", "work"]) == .reload(try #require(InstanceName("work"))))
  }

  @Test func aTunnelTakesItsSubnet() throws {
    let work = try #require(InstanceName("work"))
    let subnet = try prefix("10.127.4.8/30")
    #expect(
      StageCommand(["tunnel", "up", "work", "--subnet", "10.127.4.8/30"])
        == .up(.tunnel, work, subnet: subnet))
  }

  @Test func theOldSingleInstanceHasAName() {
    #expect(
      StageCommand(["netns", "down", "namespaced-wireguard-vpn"]) == .down(.netns, .single))
  }

  @Test func refusalAndAbsence() throws {
    let work = try #require(InstanceName("work"))
    #expect(StageCommand(["refuse", "work", "a", "b"]) == .refuse(work, ["a", "b"]))
    #expect(StageCommand(["missing", "work"]) == .missing(work))
    #expect(StageCommand(["assert", "work"]) == .assert(work))
    #expect(StageCommand(["assert", "namespaced-wireguard-vpn"]) == .assert(.single))
    #expect(StageCommand(["check", "a b", "/c/d.conf"]) == .check(["a b", "/c/d.conf"]))
  }

  @Test func mtuAsksTheServerOrAnAddress() throws {
    let work = try #require(InstanceName("work"))
    #expect(StageCommand(["mtu", "work"]) == .mtu(work, nil))
    #expect(StageCommand(["mtu", "work", "fd00::1"]) == .mtu(work, IPAddress("fd00::1")))
  }

  @Test(arguments: [
    [], ["netns"], ["netns", "up"], ["netns", "sideways", "work"], ["interface", "up", "work"],
    ["netns", "up", "../work"], ["netns", "up", ""], ["netns", "up", "work", "more"],
    ["wg", "up", "work", "--subnet", "10.127.4.8/30"], ["tunnel", "up", "work", "--subnet"],
    ["tunnel", "up", "work", "--subnet", "10.127.4.8"],
    ["tunnel", "up", "work", "--subnet", "10.127.4.8/33"],
    ["tunnel", "down", "work", "--subnet", "x"],
    ["netns", "reload", "work"], ["wg", "reload"], ["wg", "reload", "work", "more"],
    ["refuse", "work"], ["missing"], ["missing", "work", "more"], ["assert"],
    ["assert", "work", "more"], ["assert", "a/b"], ["check"], ["check", "--all"],
    ["mtu"], ["mtu", "work", "example.org"], ["mtu", "work", "10.64.0.1", "more"],
  ])
  func anythingElseIsWrong(_ arguments: [String]) {
    #expect(StageCommand(arguments) == nil)
  }
}
