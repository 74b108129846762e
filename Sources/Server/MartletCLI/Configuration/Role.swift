/// What a process does.
enum Role: String, Sendable, Hashable, CaseIterable {
    /// Serves the HTTP API and the dashboard.
    case api
    /// Runs jobs.
    case worker
    /// Fires time triggers and removes what retention says.
    case triggers
}
