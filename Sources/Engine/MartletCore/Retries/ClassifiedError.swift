/// An error that knows what it means for its job. Services below the engine throw such errors into handlers.
public protocol ClassifiedError: Error {
    var failure: Failure { get }
    var failureClass: FailureClass { get }
}
