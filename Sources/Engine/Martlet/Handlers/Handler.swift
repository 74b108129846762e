/// What runs the jobs of one kind.
struct Handler: Sendable {
    let kind: String
    let options: HandlerOptions
    /// The job's result, or an error.
    let body: @Sendable (Payload, JobContext) async throws -> Payload?
}
