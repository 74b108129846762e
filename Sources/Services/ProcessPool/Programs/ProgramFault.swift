import MartletCore

/// Why a program cannot be run, in words for the job it was for.
struct ProgramFault: Error, Hashable {
    let failure: Failure
}
