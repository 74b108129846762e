import Database
import MartletCore

/// The part of a job's row that transitions leave alone: `JobQueries.detailColumns`.
struct JobDetails {
    /// Either the bytes, or that they are in `bodies`.
    enum Body {
        case none
        case inline([UInt8])
        case elsewhere
    }

    var labels: [String: String]
    var progress: Progress?
    var payload: Body
    var result: Body

    init(_ row: Prepared) throws {
        let start = JobQueries.detailsStart
        labels = row.isNull(start) ? [:] : try Labels.decode(row.bytes(start))
        progress = row.optionalReal(start + 1).map { Progress(fraction: $0, message: row.optionalText(start + 2)) }
        payload = Self.body(row, start + 3)
        result = Self.body(row, start + 4)
    }

    private static func body(_ row: Prepared, _ column: Int32) -> Body {
        if row.isNull(column) { return .none }
        return row.isInteger(column) ? .elsewhere : .inline(row.bytes(column))
    }
}
