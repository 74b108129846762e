import CLibPQ
import Dispatch
import MartletCore

/// One round trip: statements out in one pipeline, answers in.
extension PostgresConnection {
    private enum Sent {
        case begin
        case preparation(EncodedStatement.Shape, String)
        case statement
    }

    /// - Parameter isCleaning: a rollback is sent even though the caller has gone.
    func exchange(_ statements: [SQL], isCleaning: Bool = false) throws -> [PostgresAnswer] {
        if isBroken { throw isUsed ? DatabaseFailure.lost(mayHaveHappened: false) : .stale }
        if !isCleaning, let reason = interruption.reason { throw reason.error }
        var sent: [Sent] = []
        var isSent = true
        if case .beginning(let opening) = phase {
            for text in opening {
                sent.append(.begin)
                isSent = isSent && send(EncodedStatement(text), name: nil)
            }
            phase = .transaction
        }
        for sql in statements {
            let encoded = EncodedStatement(sql)
            switch traits.prepares && !isCleaning ? cache.choose(encoded.shape) : .unprepared {
            case .unprepared: isSent = isSent && send(encoded, name: nil)
            case .prepared(let name): isSent = isSent && send(encoded, name: name)
            case .prepare(let name):
                sent.append(.preparation(encoded.shape, name))
                isSent = isSent && prepare(encoded, name: name) && send(encoded, name: name)
            }
            sent.append(.statement)
        }
        guard isSent, PQpipelineSync(pg) == 1 else { throw broke() }
        isUsed = true
        var request = Request(now: clock.uptime(), allowed: allowed(isCleaning: isCleaning), isPatient: isCleaning || leavesDoubtOfCommit)
        let answers = try collect(sent, &request)
        if request.isSent { try waitForRequest(request) }
        return answers
    }

    private func send(_ statement: EncodedStatement, name: String?) -> Bool {
        statement.withParameters { parameters in
            if let name {
                return PQsendQueryPrepared(pg, name, parameters.count, parameters.values, parameters.lengths, parameters.formats, 1) == 1
            }
            return statement.shape.text.withUnsafeBufferPointer { text in
                text.withMemoryRebound(to: CChar.self) { text in
                    PQsendQueryParams(
                        pg, text.baseAddress, parameters.count, statement.shape.types, parameters.values, parameters.lengths, parameters.formats, 1)
                        == 1
                }
            }
        }
    }

    private func prepare(_ statement: EncodedStatement, name: String) -> Bool {
        statement.shape.text.withUnsafeBufferPointer { text in
            text.withMemoryRebound(to: CChar.self) { text in
                PQsendPrepare(pg, name, text.baseAddress, Int32(statement.shape.types.count), statement.shape.types) == 1
            }
        }
    }

    private func collect(_ sent: [Sent], _ request: inout Request) throws -> [PostgresAnswer] {
        var answers: [PostgresAnswer] = []
        var failed: DatabaseFailure?
        var position = 0
        while true {
            let next: OpaquePointer?
            do { next = try nextResult(&request) } catch { throw failed ?? error }
            guard let result = next else { continue }
            switch PQresultStatus(result) {
            case PGRES_PIPELINE_SYNC:
                PQclear(result)
                if let failed { throw try blame(failed, request) }
                return answers
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
                let answer = PostgresAnswer(result)
                guard position < sent.count else { throw broke() }
                switch sent[position] {
                case .statement: answers.append(answer)
                case .preparation(let shape, let name): cache.prepared(shape, as: name)
                case .begin: break
                }
                position += 1
            case PGRES_PIPELINE_ABORTED:
                PQclear(result)
                position += 1
            case PGRES_FATAL_ERROR:
                if failed == nil { failed = DatabaseFailure(result, isAutocommit: leavesDoubt) }
                PQclear(result)
                position += 1
            default:
                PQclear(result)
                throw broke()
            }
        }
    }

    /// Whether the loss of the connection now leaves open if the write is there.
    private var leavesDoubt: Bool {
        switch phase {
        case .autocommit, .committing: true
        case .beginning, .transaction: false
        }
    }

    private var leavesDoubtOfCommit: Bool {
        if case .committing = phase { true } else { false }
    }

    private func broke() -> DatabaseFailure {
        isBroken = true
        return .lost(mayHaveHappened: isUsed && leavesDoubt)
    }

    /// What the failure of a statement means, knowing what was asked of the server meanwhile.
    private func blame(_ failure: DatabaseFailure, _ request: Request) throws -> any Error {
        if request.isSent { try waitForRequest(request) }
        switch failure.sqlState {
        case "57014" where request.isSent:
            if let reason = interruption.reason { return reason.error }
            return DatabaseFailure(
                .unavailable,
                reason:
                    "the statement took longer than the \(request.allowed.inSeconds) s that it has and was cancelled: make it smaller, or raise statement_timeout",
                sqlState: "57014")
        case "26000", "42P05":
            traits.stopPreparing()
            cache.forget()
        case "0A000": cache.forget()
        default: break
        }
        return failure
    }

    // MARK: Waiting

    /// How long the statement may take.
    private func allowed(isCleaning: Bool) -> Duration {
        if isCleaning { return settings.cancelGrace }
        guard let deadline, !leavesDoubtOfCommit else { return statementTimeout }
        return min(statementTimeout, max(.zero, deadline - clock.uptime()))
    }

    /// What is asked of the server while a statement runs.
    private struct Request {
        /// When to give up, in time since the start of the process.
        var limit: Duration
        let allowed: Duration
        /// A commit and a rollback are not cancelled because their caller has gone.
        let isPatient: Bool
        /// The server was asked to cancel.
        var isSent = false

        init(now: Duration, allowed: Duration, isPatient: Bool) {
            limit = now + allowed
            self.allowed = allowed
            self.isPatient = isPatient
        }
    }

    /// The next answer of the pipeline; `nil` between two statements' answers.
    private func nextResult(_ request: inout Request) throws -> OpaquePointer? {
        while PQisBusy(pg) == 1 {
            let mustFlush = PQflush(pg)
            if mustFlush < 0 { throw broke() }
            let left = request.limit - clock.uptime()
            let heard = left > .zero ? interruption.bell.wait(socket: PQsocket(pg), forWriting: mustFlush == 1, timeout: left) : Bell.Heard()
            if heard.rang { interruption.bell.silence() }
            if heard.socket, PQconsumeInput(pg) == 0, PQisBusy(pg) == 1 { throw broke() }
            let isOver = clock.uptime() >= request.limit
            if !request.isSent {
                if isOver || (interruption.reason != nil && !request.isPatient) { askToCancel(&request) }
            } else if isOver {
                // The server does not answer any more; whoever waits for it need not wait longer.
                isBroken = true
                if let reason = interruption.reason, !request.isPatient { throw reason.error }
                throw DatabaseFailure.lost(mayHaveHappened: leavesDoubt)
            }
        }
        if let result = PQgetResult(pg) { return result }
        if PQstatus(pg) == CONNECTION_BAD { throw broke() }
        return nil
    }

    /// `PQcancel` connects to the server and waits for it: on a thread of its own, so that a server that is gone delays nobody.
    private func askToCancel(_ request: inout Request) {
        request.isSent = true
        request.limit = clock.uptime() + settings.cancelGrace
        guard let handle = PQgetCancel(pg) else { return }
        let address = UInt(bitPattern: handle)
        interruption.requestStarted()
        let interruption = interruption
        DispatchQueue.global().async {
            var message = [CChar](repeating: 0, count: 256)
            let handle = OpaquePointer(bitPattern: address)
            PQcancel(handle, &message, Int32(message.count))
            PQfreeCancel(handle)
            interruption.requestEnded()
        }
    }

    /// A request that arrives late would cancel somebody else's statement.
    private func waitForRequest(_ request: Request) throws {
        while interruption.isRequesting {
            let left = request.limit - clock.uptime()
            guard left > .zero else {
                isBroken = true
                return
            }
            if interruption.bell.wait(timeout: left).rang { interruption.bell.silence() }
        }
    }
}
