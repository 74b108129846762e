import Database
import MartletCore

/// A row of the type `answer`.
struct CallAnswer: Sendable {
    /// The columns to ask for, in the order they are read in.
    static let columns: SQL = "ord, status, other, number, word, phase, outcome, now, (job).*"

    var ord: Int?
    var status: String?
    var other: JobID?
    var number: Int?
    var word: String?
    var phase: Phase?
    var outcome: Outcome?
    var now: Timestamp?
    var job: JobRecord?

    init(_ row: PostgresRow) throws {
        ord = try row.optionalInt(0)
        status = try row.optionalText(1)
        other = try row.optionalID(2)
        number = try row.optionalInt(3)
        word = try row.optionalText(4)
        phase = try row.optionalInt(5).map { code throws(StoreError) in try Phase(code: code) }
        outcome = try row.optionalInt(6).map { code throws(StoreError) in try Outcome(code: code) }
        now = try row.optionalTimestamp(7)
        job = row.isNull(8) ? nil : try JobColumns(row, from: 8).record()
    }
}

extension PostgresStore {
    /// Calls a function that answers with rows of the type `answer`.
    func answers(_ function: SQL) async throws(StoreError) -> [CallAnswer] {
        let answers = try await call("SELECT \(CallAnswer.columns) FROM \(schema)\(function)") { try $0.map(CallAnswer.init) }
        for answer in answers { if let now = answer.now { time.saw(now) } }
        return answers
    }
}
