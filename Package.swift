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

let dashboardTests: [Target.Dependency] = [
    "MartletHTTP", "Martlet", "MartletCore", "MartletTesting",
    .product(name: "Hummingbird", package: "hummingbird"),
    .product(name: "HummingbirdCore", package: "hummingbird"),
    .product(name: "HTTPTypes", package: "swift-http-types"),
    .product(name: "Logging", package: "swift-log"),
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOEmbedded", package: "swift-nio"),
]

let package = Package(
    name: "martlet",
    products: [
        .library(name: "Martlet", targets: ["Martlet", "MartletCore", "SQLiteStore"]),
        .library(name: "MartletPostgres", targets: ["PostgresStore"]),
        .library(name: "MartletRedis", targets: ["RedisStore"]),
        .library(name: "MartletTesting", targets: ["MartletTesting"]),
        .executable(name: "martlet", targets: ["MartletCLI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Floor 0
        martlet("MartletCore", "Engine", [.product(name: "HeapModule", package: "swift-collections")]),
        // Floor 1
        .systemLibrary(name: "CLibPQ", path: "Sources/Foundation/CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        martlet(
            "Database", "Foundation",
            ["MartletCore", "CLibPQ", .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift")]),
        // Floor 2
        martlet("SQLiteStore", "Stores", ["MartletCore", "Database"]),
        martlet(
            "RedisStore", "Stores",
            [
                "MartletCore",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], resources: [.embedInCode("Functions")]),
        martlet("PostgresStore", "Stores", ["MartletCore", "Database"], resources: [.embedInCode("Schema/SQL")]),
        .systemLibrary(name: "CLinux", path: "Sources/Services/CLinux"),
        martlet(
            "ProcessPool", "Services",
            [
                "MartletCore", "CLinux",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        martlet(
            "Outbound", "Services",
            [
                "MartletCore",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]),
        martlet(
            "Vault", "Services",
            [
                "MartletCore", "Database",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        martlet(
            "Records", "Services",
            [
                "MartletCore", "Database",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        // Floor 3
        martlet(
            "Martlet", "Engine",
            [
                "MartletCore",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        martlet(
            "OutboundTokens", "Services",
            [
                "MartletCore", "Outbound", "Vault",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
        // Floor 4
        martlet(
            "MartletHTTP", "Server",
            [
                "Martlet", "MartletCore", "Database", "Records",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], resources: [.embedInCode("openapi.yaml"), .embedInCode("Pages")]),
        // Floor 6
        .executableTarget(
            name: "MartletCLI",
            dependencies: [
                "Martlet", "MartletCore", "MartletHTTP", "SQLiteStore", "PostgresStore", "RedisStore", "ProcessPool", "Database", "CLinux",
                "Outbound", "OutboundTokens", "Vault", "Records",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], path: "Sources/Server/MartletCLI", swiftSettings: settings),
        // A program that embeds the engine
        .executableTarget(
            name: "LibraryExample",
            dependencies: [
                "Martlet", "SQLiteStore", .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Logging", package: "swift-log"),
            ],
            path: "Examples/library", swiftSettings: settings),
        // Testing
        martlet("MartletTesting", "Testing", ["Martlet", "MartletCore", .product(name: "Logging", package: "swift-log")]),
        martlet("StoreConformance", "Testing", ["MartletCore"]),
        martlet("Simulation", "Testing", ["Martlet", "MartletCore", "MartletTesting", .product(name: "Logging", package: "swift-log")]),
        .executableTarget(
            name: "martlet-simulate",
            dependencies: ["Simulation", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Sources/Testing/SimulateCommand", swiftSettings: settings),
        // One of several processes of a test
        .executableTarget(
            name: "records-probe", dependencies: ["Records", "Database", "Martlet", "MartletCore", "SQLiteStore"],
            path: "Sources/Testing/RecordsProbe", swiftSettings: settings),
        .executableTarget(
            name: "vault-probe",
            dependencies: [
                "Database", "Martlet", "MartletCore", "Outbound", "OutboundTokens", "PostgresStore", "SQLiteStore", "Vault",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Testing/VaultProbe", swiftSettings: settings),
        // The raw limits that Benchmarks/ holds the engine against
        .executableTarget(
            name: "store-limit", dependencies: [.product(name: "GRDBSQLite", package: "GRDB.swift")], path: "Benchmarks/StoreLimit",
            swiftSettings: settings),
        .executableTarget(
            name: "outbound-measure",
            dependencies: [
                "Outbound", "MartletCore", "SQLiteStore",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Benchmarks/OutboundMeasure", swiftSettings: settings),
        .executableTarget(
            name: "redis-measure", dependencies: ["RedisStore", "MartletCore"], path: "Benchmarks/RedisMeasure", swiftSettings: settings),
        tests("MartletCoreTests", ["MartletCore"]),
        tests("ProcessPoolTests", ["ProcessPool", "MartletCore"]),
        tests("DatabaseTests", ["Database", "MartletCore"]),
        tests(
            "OutboundTests",
            [
                "Outbound", "OutboundTokens", "Vault", "Martlet", "MartletCore", "MartletTesting",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        tests("VaultTests", ["Vault", "Database", "MartletCore", "MartletTesting", .product(name: "Logging", package: "swift-log")]),
        tests(
            "RecordsTests",
            [
                "Records", "Database", "Martlet", "MartletCore", "MartletTesting", "records-probe", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        tests("StoreConformanceTests", ["StoreConformance", "MartletCore", "SQLiteStore"]),
        tests("DashboardTests", dashboardTests),
        tests(
            "RedisClientTests",
            [
                "RedisStore", "MartletCore",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        tests("RedisStoreTests", ["RedisStore", "StoreConformance", "MartletCore"]),
        tests("MartletTests", ["Martlet", "MartletCore", "MartletTesting", .product(name: "Logging", package: "swift-log")]),
        tests("SimulationTests", ["Simulation", "MartletTesting", "MartletCore"]),
        tests("StyleTests", []),
        tests("PostgresStoreTests", ["PostgresStore", "StoreConformance", "Database", "Martlet", "MartletCore"]),
        tests("SQLiteStoreTests", ["SQLiteStore", "StoreConformance", "Database", "MartletCore", .product(name: "GRDB", package: "GRDB.swift")]),
        tests(
            "MartletCLITests",
            [
                "MartletCLI", "MartletHTTP", "MartletCore", "MartletTesting", "Outbound", "ProcessPool", "Records", "Vault",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        tests(
            "CopyTests", ["Martlet", "MartletCore", "SQLiteStore", "PostgresStore", "RedisStore", "StoreConformance"]),
        tests(
            "MartletHTTPTests",
            [
                "MartletHTTP", "Martlet", "MartletCore", "MartletTesting", "Database", "Records", "PostgresStore",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
    ]
)

// The readers of bytes from outside under libFuzzer, which brings the main function: see Tests/fuzz/run.
if Context.environment["MARTLET_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "martlet-fuzz",
            dependencies: [
                "MartletCore", "MartletHTTP", "RedisStore", "Database", "ProcessPool", "Outbound",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            path: "Sources/Testing/Fuzzing", swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
}

// MARTLET_TARGETS="SQLiteStoreTests MartletTests" leaves these targets and what they stand on: for work on one part, and for the Thread
// Sanitizer, which needs everything built anew.
if let wanted = Context.environment["MARTLET_TARGETS"] {
    var kept: Set<String> = []
    var open = wanted.split(separator: " ").map(String.init)
    while let name = open.popLast() {
        guard kept.insert(name).inserted, let target = package.targets.first(where: { $0.name == name }) else { continue }
        for case .byNameItem(let name, _) in target.dependencies { open.append(name) }
    }
    package.targets.removeAll { !kept.contains($0.name) }
    for case let product as Product.Library in package.products where !kept.isSuperset(of: product.targets) {
        package.products.removeAll { $0 === product }
    }
    package.products.removeAll { $0.name == "martlet" && !kept.contains("MartletCLI") }
}
