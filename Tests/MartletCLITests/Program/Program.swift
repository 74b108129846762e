import Foundation
import Glibc

/// The built program, run as a user would.
struct Program {
    struct Ending {
        let code: Int32
        let output: String
        let errors: String
    }

    let folder: TemporaryFolder

    /// Beside the test bundle, where the build puts both.
    private static var binary: URL {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return URL(filePath: path).deletingLastPathComponent().appending(path: "martlet")
    }

    func run(_ arguments: String..., input: String = "", environment: [String: String] = [:]) async throws -> Ending {
        let process = Foundation.Process()
        process.executableURL = Self.binary
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        // Files, because a pipe that nobody empties would hold a talkative program back.
        let files = try ["in", "out", "err"].map { try file($0, input) }
        (process.standardInput, process.standardOutput, process.standardError) = (files[0], files[1], files[2])
        let code = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        for file in files { try file.close() }
        return Ending(code: code, output: try text("out"), errors: try text("err"))
    }

    private func file(_ name: String, _ input: String) throws -> FileHandle {
        try folder.write(name == "in" ? input : "", to: ".\(name)")
        let url = URL(filePath: "\(folder.path)/.\(name)")
        return name == "in" ? try FileHandle(forReadingFrom: url) : try FileHandle(forWritingTo: url)
    }

    private func text(_ name: String) throws -> String { try String(contentsOf: URL(filePath: "\(folder.path)/.\(name)"), encoding: .utf8) }
}
