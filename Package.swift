// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The generator runs at every boot and daemon-reload: no shared library to load at all.
let fullyStatic: [LinkerSetting] = [
  .unsafeFlags(["-static-executable"], .when(configuration: .release))
]

/// The stage resolves host names, so glibc stays dynamic (NSS); only Swift's runtime goes in.
let staticRuntime: [LinkerSetting] = [
  .unsafeFlags(
    ["-static-stdlib", "-Xclang-linker", "-static-libgcc"], .when(configuration: .release))
]

// Executables hold a `main.swift` and nothing worth testing: a test target cannot link an
// executable that has static linker flags. The borders between targets are the architecture:
// CLinux, CMnl, CSystemd → SystemCalls → GeneratorCore, Netlink → Stage.
let package = Package(
  name: "namespaced-wireguard-vpn",
  targets: [
    .target(name: "CLinux", cSettings: [.define("_GNU_SOURCE")]),
    .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
    .systemLibrary(
      name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    .target(name: "SystemCalls", dependencies: ["CLinux"], swiftSettings: swiftSettings),
    .target(name: "GeneratorCore", dependencies: ["SystemCalls"], swiftSettings: swiftSettings),
    .target(
      name: "Netlink", dependencies: ["CLinux", "CMnl", "SystemCalls"],
      swiftSettings: swiftSettings),
    .target(
      name: "Stage",
      dependencies: ["CLinux", "CSystemd", "SystemCalls", "GeneratorCore", "Netlink"],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "nswg-systemd-generator", dependencies: ["GeneratorCore", "SystemCalls"],
      swiftSettings: swiftSettings, linkerSettings: fullyStatic),
    .executableTarget(
      name: "nswg-stage", dependencies: ["Stage", "SystemCalls"],
      swiftSettings: swiftSettings, linkerSettings: staticRuntime),
    .executableTarget(
      name: "environment-corpus", dependencies: ["GeneratorCore", "SystemCalls"],
      path: "Tests/Tools/EnvironmentCorpus", swiftSettings: swiftSettings,
      linkerSettings: fullyStatic),
    .testTarget(
      name: "SystemCallsTests", dependencies: ["SystemCalls"], swiftSettings: swiftSettings),
    .testTarget(
      name: "GeneratorCoreTests", dependencies: ["GeneratorCore", "SystemCalls"],
      exclude: ["Cases"], swiftSettings: swiftSettings),
    .testTarget(
      name: "NetlinkTests", dependencies: ["Netlink", "SystemCalls", "CLinux"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "StageTests",
      dependencies: ["Stage", "GeneratorCore", "Netlink", "SystemCalls", "CLinux"],
      swiftSettings: swiftSettings),
  ]
)
