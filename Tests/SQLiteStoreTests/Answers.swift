import MartletCore

/// One call and what a store says to it, as text that can be compared.
struct Answers {
    let store: any Store

    func answer(_ call: RandomWork.Call) async -> (text: String, claimed: Claimed?, trigger: TriggerState??) {
        do throws(StoreError) {
            return try await ask(call)
        } catch {
            return ("threw \(error)", nil, nil)
        }
    }

    private func ask(_ call: RandomWork.Call) async throws(StoreError) -> (text: String, claimed: Claimed?, trigger: TriggerState??) {
        switch call {
        case .enqueue(let jobs): return (Self.text(try await store.enqueue(jobs)), nil, nil)
        case .claim(let plan):
            let claimed = try await store.claim(plan)
            return (Self.text((claimed.jobs, claimed.generation)), claimed, nil)
        case .renew(let heartbeat): return (Self.text(try await store.renew(heartbeat)), nil, nil)
        case .record(let steps, let lease): return (Self.text(try await store.record(steps, under: lease)), nil, nil)
        case .settle(let settlements): return (Self.text(try await store.settle(settlements)), nil, nil)
        case .cancel(let id): return (Self.text(try await store.cancel(id)), nil, nil)
        case .revive(let id): return (Self.text(try await store.revive(id)), nil, nil)
        case .append(let events): return (Self.text(try await store.append(events)), nil, nil)
        case .put(let trigger, let name):
            let state = try await store.put(trigger, named: name)
            return (Self.text(state), nil, .some(state))
        case .fire(let plan): return (Self.text(try await store.fire(plan)), nil, nil)
        case .set(let queue, let change): return (Self.text(try await store.set(queue, change)), nil, nil)
        case .take(let count, let bucket, let rate): return (Self.text(try await store.take(count, from: bucket, rate)), nil, nil)
        case .acquire(let name, let owner, let ttl): return (Self.text(try await store.acquire(name, owner: owner, for: ttl)), nil, nil)
        case .release(let name, let epoch): return (Self.text(try await store.release(name, epoch: epoch)), nil, nil)
        case .prune(let limit, let retention): return (Self.text(try await store.prune(limit: limit, eventRetention: retention)), nil, nil)
        case .pass: return ("passed", nil, nil)
        }
    }

    /// Everything that can be read, as text.
    func everything() async throws(StoreError) -> String {
        var parts = [Self.text(try await store.overview())]
        var query = JobQuery()
        query.limit = 100
        while true {
            let page = try await store.jobs(query)
            for job in page.jobs { parts.append(Self.text(try await store.job(job.id))) }
            guard let next = page.next else { break }
            query.before = next
        }
        for stream in ["e", "f"] { parts.append(Self.text(try await store.read(stream, after: 0, limit: 1000))) }
        return parts.joined(separator: "\n")
    }

    /// A dump with every field; dictionaries in the order of their keys.
    static func text(_ value: Any) -> String {
        let mirror = Mirror(reflecting: value)
        switch value {
        case let payload as Payload: return payload.text
        case let time as Timestamp: return time.description
        case let id as JobID: return id.description
        case let labels as [String: String]: return labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
        case let span as Duration: return "\(span)"
        default: break
        }
        if mirror.children.isEmpty { return "\(value)" }
        let inside = mirror.children.map { child in (child.label.map { $0 + ":" } ?? "") + text(child.value) }.joined(separator: ",")
        return "\(mirror.displayStyle == .enum ? "." : "")(\(inside))"
    }
}
