import Foundation
import Glibc
import Subprocess
import SystemPackage
import Testing

/// The built program, run as a user would.
struct Program {
    struct Ending {
        let code: Int32
        let output: String
        let errors: String
    }

    let folder: TemporaryFolder

    /// Beside the test bundle, where the build puts both.
    private static var binary: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return URL(filePath: path).deletingLastPathComponent().appending(path: "martlet").path(percentEncoded: false)
    }

    func run(_ arguments: String..., input: String = "", environment: [String: String] = [:]) async throws -> Ending {
        try await run(arguments: arguments, input: input, environment: environment)
    }

    func run(arguments: [String], input: String = "", environment: [String: String] = [:]) async throws -> Ending {
        var variables: [Subprocess.Environment.Key: String] = ["PATH": "/usr/bin:/bin"]
        for (name, value) in environment { variables[try #require(Subprocess.Environment.Key(rawValue: name))] = value }
        // Files, because a pipe that nobody empties would hold a talkative program back.
        try folder.write(input, to: ".in")
        let files = try [open("in", .readOnly), open("out", .writeOnly), open("err", .writeOnly)]
        let ending = try await Subprocess.run(
            .path(FilePath(Self.binary)), arguments: Arguments(arguments), environment: .custom(variables), workingDirectory: FilePath(folder.path),
            input: .fileDescriptor(files[0], closeAfterSpawningProcess: true), output: .fileDescriptor(files[1], closeAfterSpawningProcess: true),
            error: .fileDescriptor(files[2], closeAfterSpawningProcess: true))
        let code: Int32 =
            switch ending.terminationStatus {
            case .exited(let code), .signaled(let code): code
            }
        return Ending(code: code, output: try text("out"), errors: try text("err"))
    }

    private func open(_ name: String, _ mode: FileDescriptor.AccessMode) throws -> FileDescriptor {
        try FileDescriptor.open(
            "\(folder.path)/.\(name)", mode, options: mode == .readOnly ? [] : [.create, .truncate], permissions: .ownerReadWrite)
    }

    private func text(_ name: String) throws -> String { try String(contentsOf: URL(filePath: "\(folder.path)/.\(name)"), encoding: .utf8) }
}
