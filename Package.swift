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

/// swift-argument-parser uses FoundationEssentials, whose archive does not name what it needs itself.
let staticFoundation: [LinkerSetting] =
  staticRuntime + [
    .unsafeFlags(
      ["-l_FoundationCShims", "-l_FoundationCollections", "-lswiftSynchronization"],
      .when(configuration: .release))
  ]

/// The sanitizers of Tests/Fuzz/run, `fuzzer` or `fuzzer,address`; nil in every other build.
let fuzzing = Context.environment["NSWG_FUZZ"]
/// Coverage of what is fuzzed, and not of the checks, guides the fuzzer.
let fuzzed =
  swiftSettings + (fuzzing.map { [SwiftSetting.unsafeFlags(["-sanitize=\($0)"])] } ?? [])

// Executables hold a `main.swift` and nothing worth testing: a test target cannot link an
// executable that has static linker flags. The borders between targets are the architecture:
// CLinux, CMnl, CJournal, CNftables, CSodium, CSystemd → SystemCalls → GeneratorCore, Netlink,
// SystemdBus → Stage → Commands.
let package = Package(
  name: "namespaced-wireguard-vpn",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    .target(name: "CLinux", cSettings: [.define("_GNU_SOURCE")]),
    .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
    .systemLibrary(
      name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(
      name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    .target(name: "CJournal"),
    .target(name: "CNftables"),
    .target(
      name: "SystemCalls", dependencies: ["CLinux", "CSodium"], swiftSettings: swiftSettings),
    .target(name: "GeneratorCore", dependencies: ["SystemCalls"], swiftSettings: fuzzed),
    .target(
      name: "Netlink", dependencies: ["CLinux", "CMnl", "SystemCalls"],
      swiftSettings: swiftSettings),
    .target(
      name: "Stage",
      dependencies: [
        "CLinux", "CJournal", "CNftables", "SystemCalls", "GeneratorCore", "Netlink",
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "nswg-systemd-generator", dependencies: ["GeneratorCore", "SystemCalls"],
      swiftSettings: swiftSettings, linkerSettings: fullyStatic),
    .executableTarget(
      name: "nswg-stage", dependencies: ["Stage", "SystemCalls"],
      swiftSettings: swiftSettings, linkerSettings: staticRuntime),
    .target(
      name: "SystemdBus", dependencies: ["CSystemd", "SystemCalls"], swiftSettings: swiftSettings),
    .target(
      name: "Commands",
      dependencies: [
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        "CLinux", "SystemCalls", "SystemdBus", "GeneratorCore", "Netlink", "Stage",
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "nswg", dependencies: ["Commands", "SystemCalls"], swiftSettings: swiftSettings,
      linkerSettings: staticFoundation),
    .executableTarget(
      name: "environment-corpus", dependencies: ["GeneratorCore", "SystemCalls"],
      path: "Tests/Tools/EnvironmentCorpus", swiftSettings: swiftSettings,
      linkerSettings: fullyStatic),
    // What `make bench` measures with.
    .executableTarget(
      name: "nswg-bench", dependencies: ["SystemCalls"], path: "Benchmarks/Driver",
      swiftSettings: swiftSettings, linkerSettings: fullyStatic),
    // What fuzzing checks; `swift test` replays the corpus with it.
    .target(
      name: "FuzzInvariants", dependencies: ["GeneratorCore"], path: "Tests/Fuzz/Invariants",
      swiftSettings: swiftSettings),
    .testTarget(
      name: "SystemCallsTests", dependencies: ["SystemCalls"], swiftSettings: swiftSettings),
    .testTarget(
      name: "GeneratorCoreTests",
      dependencies: ["GeneratorCore", "SystemCalls", "FuzzInvariants"],
      exclude: ["Cases"], swiftSettings: swiftSettings),
    .testTarget(
      name: "NetlinkTests", dependencies: ["Netlink", "SystemCalls", "CLinux"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "CommandsTests",
      dependencies: [
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        "Commands", "SystemdBus", "Stage", "GeneratorCore", "SystemCalls",
      ],
      exclude: ["Goldens"], swiftSettings: swiftSettings),
    .testTarget(
      name: "StageTests",
      dependencies: ["Stage", "GeneratorCore", "Netlink", "SystemCalls", "CLinux"],
      swiftSettings: swiftSettings),
  ]
)

// The driver calls libFuzzer, so without the sanitizer it does not link.
if let fuzzing {
  package.targets += [
    .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzz/CLibFuzzer"),
    .executableTarget(
      name: "fuzz", dependencies: ["CLibFuzzer", "FuzzInvariants", "SystemCalls"],
      path: "Tests/Fuzz/Driver", swiftSettings: swiftSettings,
      // gold stops at the sanitizer's debug information.
      linkerSettings: [.unsafeFlags(["-sanitize=\(fuzzing)", "-use-ld=lld"])]),
  ]
}
