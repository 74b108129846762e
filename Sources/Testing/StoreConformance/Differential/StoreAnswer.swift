import MartletCore

/// What a store answered to a `StoreOperation`.
public enum StoreAnswer: Sendable, Hashable {
    case enqueued([Enqueued])
    case claimed(Claimed)
    case renewed(Renewal)
    case recorded([Step])
    case settled([SettleResult])
    case job(JobRecord)
    case appended([Appended])
    case page(EventPage)
    case trigger(TriggerState?)
    case fired(FireResult)
    case queue(QueueState)
    case took(TakeResult)
    case acquired(AcquireResult)
    case released(Bool)
    case listed([JobRecord])
    case detailed([JobDetail])
    case detail(JobDetail?)
    case overview(Overview)
    case pruned(PruneResult)
    case waited
    case threw(StoreError)

    /// Without what the semantics call a hint, or leave open: when to ask again, the generations of nodes, the words of an error.
    var normalised: StoreAnswer {
        switch self {
        case .claimed(var claimed):
            claimed.nextDue = nil
            claimed.generation = min(claimed.generation, 1)
            return .claimed(claimed)
        case .renewed(var renewal):
            renewal.generation = min(renewal.generation, 1)
            renewal.cancelRequested.sort { $0.job < $1.job }
            return .renewed(renewal)
        case .overview(var overview):
            overview.kinds.removeAll { $0.counts.total == 0 }
            return .overview(overview)
        case .enqueued(let answers): return .enqueued(answers.map(\.normalised))
        case .settled(let answers): return .settled(answers.map { if case .refused(let error) = $0 { .refused(error.normalised) } else { $0 } })
        case .appended(let answers): return .appended(answers.map { if case .refused(let error) = $0 { .refused(error.normalised) } else { $0 } })
        case .fired(.fired(let answers)): return .fired(.fired(answers.map { $0?.normalised }))
        case .threw(let error): return .threw(error.normalised)
        default: return self
        }
    }
}

extension Enqueued {
    fileprivate var normalised: Enqueued {
        if case .refused(let error) = self { .refused(error.normalised) } else { self }
    }
}

extension StoreError {
    fileprivate var normalised: StoreError {
        switch self {
        case .notFound: .notFound("")
        case .invalid(let field, _): .invalid(field: field, reason: "")
        default: self
        }
    }
}
