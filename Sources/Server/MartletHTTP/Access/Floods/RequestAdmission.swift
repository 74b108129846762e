import Synchronization

/// How many requests are worked on at once. More are refused before anything is done for them, so that those that are let in stay quick.
final class RequestAdmission: Sendable {
    /// A request's place among those in progress.
    final class Place: Sendable {
        private let admission: RequestAdmission
        private let isLeft = Atomic(false)

        fileprivate init(_ admission: RequestAdmission) {
            self.admission = admission
        }

        /// Gives the place to others: when the answer is there, or where a request begins to wait and is counted elsewhere.
        func leave() {
            guard !isLeft.exchange(true, ordering: .relaxed) else { return }
            admission.count.subtract(1, ordering: .relaxed)
        }
    }

    private let limit: Int
    private let count = Atomic(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// - Throws: `tooManyRequests`.
    func enter() throws(Problem) -> Place {
        guard count.add(1, ordering: .relaxed).newValue <= limit else {
            count.subtract(1, ordering: .relaxed)
            var problem = Problem(.tooManyRequests, "the server works on \(limit) requests already, as many as it takes on at once: try again")
            problem.retryAfter = .seconds(1)
            throw problem
        }
        return Place(self)
    }

    var inProgress: Int { count.load(ordering: .relaxed) }
}
