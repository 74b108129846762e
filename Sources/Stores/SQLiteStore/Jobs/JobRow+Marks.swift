import MartletCore

extension JobRow {
    /// Whether there can be no marks and alarms: most jobs.
    var isPlain: Bool {
        parent == nil && trigger == nil && key == nil && expiresAt == nil && queueTimeout == nil && phase != .waiting && !isCancelRequested
            && deaths == 0
    }

    var marks: [Mark] {
        var marks: [Mark] = []
        if let parent { marks.append(Mark(sort: .child, name: .job(parent.job))) }
        if let trigger { marks.append(Mark(sort: .ofTrigger, name: .text(trigger))) }
        if let key { marks.append(Mark(sort: .keyed, name: .text(key))) }
        if let trigger, phase != .finished { marks.append(Mark(sort: .openOfTrigger, name: .text(trigger))) }
        if phase == .running, let node {
            if isSuspect { marks.append(Mark(sort: .runningSuspect, name: .text(node.name))) }
            if isCancelRequested, expiresAt == nil { marks.append(Mark(sort: .toStop, name: .text(node.name))) }
        }
        return marks
    }

    var alarms: [Alarm] {
        switch phase {
        case .ready: queueTimeout.map { [Alarm(sort: .queueTimeout, at: dueAt + $0)] } ?? []
        case .running: expiresAt.map { [Alarm(sort: .lease, at: $0)] } ?? []
        case .waiting: dueAt < .distantFuture ? [Alarm(sort: .deadline, at: dueAt)] : []
        case .finished: []
        }
    }
}
