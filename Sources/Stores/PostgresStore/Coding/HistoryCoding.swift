import Database
import MartletCore

/// A job with its history as the database reads it: a JSON object, member by member the types `new_job` and `history`, and its steps.
enum HistoryCoding {
    static func encode(_ job: NewJob, _ history: JobHistory) -> JSON {
        guard case .object(var members) = NewJobCoding.encode(job) else { return .null }
        members += [
            .init("phase", .integer(history.phase.code)), .init("attempt", .integer(history.attempt)), .init("epoch", .integer(history.epoch)),
            .init("settled", .integer(history.settledEpoch)), .init("deaths", .integer(history.deaths)),
            .init("cancel", .bool(history.isCancelRequested)), .init("created", time(history.createdAt)),
        ]
        if let outcome = history.outcome { members.append(.init("outcome", .integer(outcome.code))) }
        if let node = history.node { members.append(.init("node", .string(node.name.storable))) }
        if let at = history.startedAt { members.append(.init("started", time(at))) }
        if let at = history.finishedAt { members.append(.init("finished", time(at))) }
        if let progress = history.progress {
            members.append(.init("progress", .real(progress.fraction)))
            if let message = progress.message { members.append(.init("progress_message", .string(message.storable))) }
        }
        if let result = history.result { members.append(.init("result", .string(result.text))) }
        if let error = history.error {
            members += [.init("error_kind", .string(error.kind.storable)), .init("error_message", .string(error.message.storable))]
        }
        if let wait = history.wait { members += encode(wait) }
        if !history.steps.isEmpty { members.append(.init("steps", .array(history.steps.map(encode)))) }
        return .object(members)
    }

    private static func time(_ instant: Timestamp) -> JSON { .string(instant.description) }

    private static func encode(_ step: Step) -> JSON {
        .array([.string(step.name), .integer(step.state.code), time(step.recordedAt), .string(step.result.text)])
    }

    private static func encode(_ wait: Wait) -> [JSON.Member] {
        var members: [JSON.Member] =
            switch wait.condition {
            case .event(let stream, let type, let after):
                [
                    .init("wait_kind", 0), .init("wait_name", .string(stream)), .init("wait_type", .string(type)),
                    .init("wait_after", .integer(after)),
                ]
            case .children(let group): [.init("wait_kind", 1), .init("wait_name", .string(group))]
            case .turn(let trigger): [.init("wait_kind", 2), .init("wait_name", .string(trigger))]
            }
        if let step = wait.step { members.append(.init("wait_step", .string(step))) }
        if let deadline = wait.deadline { members.append(.init("wait_deadline", .integer(deadline.microseconds))) }
        return members
    }
}
