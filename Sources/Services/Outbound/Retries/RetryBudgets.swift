import Synchronization

/// The budgets of all destinations.
final class RetryBudgets: Sendable {
    private let budgets = Mutex([String: RetryBudget]())

    func deposit(_ destination: Destination) {
        budgets.withLock { $0[destination.name, default: RetryBudget(retries: destination.retry.budget)].deposit() }
    }

    func withdraw(_ destination: Destination) -> Bool {
        budgets.withLock { $0[destination.name, default: RetryBudget(retries: destination.retry.budget)].withdraw() }
    }
}
