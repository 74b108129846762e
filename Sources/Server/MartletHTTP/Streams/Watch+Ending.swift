import Martlet

extension Hub.Watch {
    /// Waits for a change, for `limit` to pass, or for the end.
    func next(atMost limit: Duration, or ending: Ending) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Throws only when cancelled, which is how the group ends.
                do { try await self.next(atMost: limit) } catch {}
            }
            group.addTask { await ending.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}
