import MartletCore
import MartletHTTP

/// One line of NDJSON as a job.
enum JobLine {
    /// - Throws: `CommandFailure`, which says what is wrong with the line but not its text: payloads do not belong in logs.
    static func job(_ line: LineSource.Line, _ reader: WireJob) throws(CommandFailure) -> NewJob {
        guard let bytes = line.bytes else { throw CommandFailure(.refused, "the line is too long for a job") }
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: bytes)
        } catch {
            throw CommandFailure(.refused, "is not JSON: \(error)")
        }
        do throws(WireJob.Refusal) {
            return try reader.job(json)
        } catch {
            throw CommandFailure(.refused, "\(error)")
        }
    }
}
