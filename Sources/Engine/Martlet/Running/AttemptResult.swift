/// How a handler came back, before it is known what that means for the job.
enum AttemptResult: Sendable {
    case returned(Payload?)
    case threw(any Error)
}
