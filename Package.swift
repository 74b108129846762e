// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

func martlet(_ name: String, _ folder: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(folder)/\(name)", resources: resources, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: settings)
}

let package = Package(
    name: "martlet",
    products: [
        .library(name: "Martlet", targets: ["Martlet", "MartletCore", "SQLiteStore"]),
        .library(name: "MartletTesting", targets: ["MartletTesting"]),
        .executable(name: "martlet", targets: ["MartletCLI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Floor 0
        martlet("MartletCore", "Engine", [.product(name: "Collections", package: "swift-collections")]),
        // Floor 1
        martlet("Database", "Foundation", [.product(name: "GRDB", package: "GRDB.swift")]),
        // Floor 2
        martlet("SQLiteStore", "Stores", ["MartletCore", "Database"]),
        martlet("ProcessPool", "Services", ["MartletCore", .product(name: "Subprocess", package: "swift-subprocess")]),
        // Floor 3
        martlet(
            "Martlet", "Engine",
            [
                "MartletCore",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        // Floor 4
        martlet(
            "MartletHTTP", "Server",
            [
                "Martlet", "MartletCore",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        // Floor 6
        .executableTarget(
            name: "MartletCLI",
            dependencies: [
                "Martlet", "MartletCore", "MartletHTTP", "SQLiteStore", "ProcessPool",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], path: "Sources/Server/MartletCLI", swiftSettings: settings),
        // Testing
        martlet("MartletTesting", "Testing", ["Martlet", "MartletCore"]),
        martlet("StoreConformance", "Testing", ["MartletCore"]),
        martlet("Simulation", "Testing", ["Martlet", "MartletCore", "MartletTesting"]),
        tests("MartletCoreTests", ["MartletCore"]),
    ]
)
