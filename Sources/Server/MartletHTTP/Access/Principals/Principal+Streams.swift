import MartletCore

extension Principal {
    /// Whether somebody may read, or append to, a stream of this name.
    public enum StreamAccess: Sendable, Hashable {
        case granted
        /// As the job: whoever sees the job sees its stream. The caller looks the job up, and `Principal.sees` its tenant.
        case asJob(JobID)
        /// Like a stream that does not exist.
        case hidden
    }

    /// The streams of a tenant begin with `tenant/NAME/`, with slashes and percent signs in the name encoded, so that no tenant's prefix
    /// begins another's.
    public static func streamPrefix(ofTenant tenant: String) -> String {
        let name = tenant.replacing("%", with: "%25").replacing("/", with: "%2F")
        return "tenant/\(name)/"
    }

    /// What this principal may read: the job of `asJob` needs `jobs:read`, the audit `admin`, every other stream `events:read`.
    public func reading(_ stream: String) -> StreamAccess {
        if let job = StreamName.job(in: stream) { return may(.jobsRead) ? .asJob(job) : .hidden }
        if stream == StreamName.audit { return tenant == nil && may(.admin) ? .granted : .hidden }
        return may(.eventsRead) && owns(stream) ? .granted : .hidden
    }

    /// What this principal may append to from outside: never the streams that the engine and the holders of leases write.
    public func appending(_ stream: String) -> StreamAccess { may(.eventsWrite) && owns(stream) ? .granted : .hidden }

    private func owns(_ stream: String) -> Bool {
        guard let tenant else { return true }
        return stream.hasPrefix(Self.streamPrefix(ofTenant: tenant))
    }
}
