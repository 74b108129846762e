import Martlet

/// A command that did not succeed, as the error of its attempt.
struct CommandEnding: ClassifiedError {
    let failure: Failure
    let failureClass: FailureClass
}
