import Testing

/// Everything that starts processes, one test after the other: some count what is left of them in this process.
@Suite(.serialized) struct ProcessPoolTests {}
