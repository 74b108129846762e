import Foundation
import Martlet
import MartletCore
import Testing

@testable import MartletHTTP

@Suite(.timeLimit(.minutes(1)))
struct SpecificationTests {
    private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../openapi.yaml")

    private func specification() throws -> String { try String(contentsOf: Self.file, encoding: .utf8) }

    /// The operations under `paths:`, read as plain lines: a path is indented by two, a method by four.
    private func described() throws -> Set<String> {
        var (found, path, isInside): (Set<String>, String, Bool) = ([], "", false)
        for line in try specification().split(separator: "\n", omittingEmptySubsequences: false) {
            if !line.hasPrefix(" "), !line.isEmpty { isInside = line == "paths:" }
            guard isInside else { continue }
            if line.hasPrefix("  /"), line.hasSuffix(":") { path = line.dropFirst(2).dropLast().description }
            if let method = ["get", "put", "post", "patch", "delete"].first(where: { line == "    \($0):" }) {
                found.insert("\(method.uppercased()) \(path)")
            }
        }
        return found
    }

    private func backend() throws -> Backend {
        let engine = Engine(store: MemoryStore(environment: .system), configuration: EngineConfiguration(node: NodeID("test")))
        return Backend(
            engine: engine, configuration: try HTTPConfiguration(), metrics: MetricsRegistry(), logs: LogRing(), logger: TestServer.silent)
    }

    @Test func `Every route is described, and everything described is a route`() throws {
        let routes = Set(RouteTable(HTTPServer.makeRouter(try backend())).routes.filter { $0.method != "HEAD" }.map { "\($0.method) \($0.path)" })
        #expect(routes.count > 25)
        let described = try described()
        #expect(routes.subtracting(described) == [])
        #expect(described.subtracting(routes) == [])
    }

    @Test func `The server serves the description that lies in the repository`() async throws {
        let served = try await TestServer.run { server async throws in try await server.get("/openapi.yaml").text }
        let file = try specification()
        #expect(served == file)
    }

    @Test func `Every type of problem is described, and every field of a new job`() throws {
        let text = try specification()
        for type in ProblemType.allCases { #expect(text.contains("            - \(type.rawValue)\n"), "\(type.rawValue)") }
        for field in JobReader.fields + SettlementReader.fields + TriggerReader.fields + PolicyReader.fields {
            #expect(text.contains("        \(field):"), "\(field)")
        }
    }
}
