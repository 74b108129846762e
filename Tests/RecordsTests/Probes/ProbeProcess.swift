import Foundation
import Glibc
import Synchronization
import Testing

/// One `records-probe`, talked to by lines.
final class ProbeProcess: Sendable {
    private let process: Mutex<Foundation.Process>
    private let input: FileHandle
    private let lines: AsyncStream<String>
    let number: pid_t

    /// Starts it; `go` sets it off.
    init(_ arguments: [String]) throws {
        let made = Foundation.Process()
        made.executableURL = URL(filePath: try Self.binary())
        made.arguments = arguments
        let (output, input) = (Pipe(), Pipe())
        (made.standardOutput, made.standardInput) = (output, input)
        self.input = input.fileHandleForWriting
        let (lines, end) = AsyncStream.makeStream(of: String.self)
        let buffer = LineBuffer()
        output.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                return end.finish()
            }
            for line in buffer.add(data) { end.yield(line) }
        }
        self.lines = lines
        try made.run()
        number = made.processIdentifier
        process = Mutex(made)
    }

    /// Beside the test bundle, where the build puts both.
    private static func binary() throws -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return URL(filePath: path).deletingLastPathComponent().appending(path: "records-probe").path(percentEncoded: false)
    }

    /// Returns when it has said a line that begins so.
    @discardableResult
    func line(_ beginning: String) async throws -> String {
        for await line in lines where line.hasPrefix(beginning) { return line }
        throw Gone(number: number, expected: beginning)
    }

    struct Gone: Error, CustomStringConvertible {
        let number: pid_t
        let expected: String
        var description: String { "probe \(number) ended before it said '\(expected)'" }
    }

    func go() throws { try input.write(contentsOf: Data("go\n".utf8)) }

    func signal(_ signal: Int32) { kill(number, signal) }

    /// As a crash would, where it has not ended.
    func end() {
        process.withLock { process in
            if process.isRunning { kill(number, SIGKILL) }
            process.waitUntilExit()
        }
    }
}

/// Bytes that are not a whole line yet.
private final class LineBuffer: Sendable {
    private let rest = Mutex("")

    /// - Returns: the lines that are whole now.
    func add(_ data: Data) -> [String] {
        rest.withLock { rest in
            var parts = (rest + String(decoding: data, as: UTF8.self)).split(separator: "\n", omittingEmptySubsequences: false)
            rest = String(parts.removeLast())
            return parts.map(String.init)
        }
    }
}
