import CLibPQ
import Dispatch
import MartletCore

/// One round trip: statements out in one pipeline, answers in.
extension PostgresConnection {
    private enum Sent {
        case begin
        case preparation(EncodedStatement.Shape, String)
        case statement(EncodedStatement.Shape)
    }

    /// Round trips that may fail because a prepared statement is not where it was left. Behind a pooler each may meet another connection
    /// of the server; after so many the statements go unprepared.
    private static let preparedAttempts = 6

    /// - Parameter isCleaning: a rollback is sent even though the caller has gone.
    func exchange(_ statements: [SQL], isCleaning: Bool = false) throws -> [PostgresAnswer] {
        let encoded = try statements.map { try EncodedStatement($0) }
        var attempt = 1
        while true {
            let opened = phase
            do {
                return try exchangeOnce(encoded, isPrepared: attempt <= Self.preparedAttempts && !isCleaning, isCleaning: isCleaning)
            } catch let failure as DatabaseFailure where failure.isAboutPreparing && attempt <= Self.preparedAttempts {
                attempt += 1
                // Nothing has come of it, and nothing came before it: it can be said again.
                switch opened {
                case .autocommit: break
                case .beginning:
                    rollback()
                    phase = opened
                case .transaction, .committing: throw failure
                }
            }
        }
    }

    private func exchangeOnce(_ statements: [EncodedStatement], isPrepared: Bool, isCleaning: Bool) throws -> [PostgresAnswer] {
        if isBroken { throw isUsed ? DatabaseFailure.lost(mayHaveHappened: false) : .stale }
        if !isCleaning, let reason = interruption.reason { throw reason.error }
        var sent: [Sent] = []
        var isSent = true
        var prepares = isPrepared && traits.prepares
        switch phase {
        case .autocommit: break
        case .beginning(let opening):
            for text in opening {
                sent.append(.begin)
                isSent = try isSent && send(EncodedStatement(text), name: nil)
            }
            phase = .transaction
        // In the midst of a transaction there is no second attempt.
        case .transaction, .committing: prepares = prepares && !traits.forgets
        }
        for statement in statements {
            switch prepares ? cache.choose(statement.shape) : .unprepared {
            case .unprepared: isSent = isSent && send(statement, name: nil)
            case .prepared(let name): isSent = isSent && send(statement, name: name)
            case .prepare(let name):
                sent.append(.preparation(statement.shape, name))
                isSent = isSent && prepare(statement, name: name) && send(statement, name: name)
            }
            sent.append(.statement(statement.shape))
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
                if failed == nil {
                    failed = DatabaseFailure(result, isAutocommit: leavesDoubt)
                    if let failed, failed.isAboutPreparing, position < sent.count { learn(from: failed, sent[position]) }
                }
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
        // Once the primary, now a replica: the next connection looks for the primary anew.
        if failure.sqlState == "25006", PQparameterStatus(pg, "in_hot_standby").map({ String(cString: $0) }) == "on" { isBroken = true }
        guard request.isSent else { return failure }
        try waitForRequest(request)
        guard failure.sqlState == "57014" else { return failure }
        return interruption.reason?.error ?? DatabaseFailure.tooLong(request.allowed)
    }

    private func learn(from failure: DatabaseFailure, _ sent: Sent) {
        switch (failure.sqlState, sent) {
        case ("26000", .statement(let shape)):
            traits.noticeLoss()
            cache.lost(shape)
        // Somebody has prepared the same statement there: names are made of their texts.
        case ("42P05", .preparation(let shape, let name)):
            traits.noticeLoss()
            cache.prepared(shape, as: name)
        default: cache.forget()
        }
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
