@testable import Database
import MartletCore
@testable import MartletHTTP
@testable import ProcessPool

extension FuzzSubject {
    /// Whatever a client sends as a job, a settlement, a trigger, a policy or an event.
    static func envelope(_ bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes) else { return }
        let reader = JobReader(environment: .system, defaults: [:])
        if let job = try? reader.job(json) { _ = job.fault }
        _ = try? SettlementReader.settlement(json, of: nil)
        _ = try? TriggerReader(jobs: reader).trigger(json)
        _ = try? PolicyReader.apply(json, to: QueuePolicy())
        _ = try? EventReader.event(json)
    }

    static func form(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        _ = FormFields(text)["name"]
        _ = PercentEncoding.decode(text)
    }

    /// A value as PostgreSQL sends it: the first byte chooses its type.
    static func binary(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let types: [SQLType] = [.boolean, .integer, .real, .text, .bytes, .instant, .id, .json]
        _ = SQLValue(types[Int(first) % types.count], bytes.dropFirst())
    }

    /// Output of a command, cut into pieces of any size, is the same lines.
    static func line(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        let whole = lines(rest, pieces: max(1, rest.count))
        let pieces = lines(rest, pieces: Int(first) % 7 + 1)
        precondition(whole.map(\.bytes) == pieces.map(\.bytes), "the pieces change the lines")
        for line in whole { _ = ControlLine(line) }
    }

    private static func lines(_ bytes: [UInt8], pieces: Int) -> [OutputLine] {
        var splitter = ProcessPool.LineSplitter(keptMax: 64, objectMax: 256)
        var lines: [OutputLine] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + pieces)
            lines += bytes[start..<end].withUnsafeBytes { splitter.feed($0) }
            start = end
        }
        if let last = splitter.finish() { lines.append(last) }
        return lines
    }

    static func postgresURL(_ bytes: [UInt8]) {
        _ = try? PostgresURL(String(decoding: bytes, as: UTF8.self))
    }
}
