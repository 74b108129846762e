import MartletCore
import Testing

@Suite struct RunsTests {
    @Test(
        "Runs are as long as they can be, in their order, and together they are the whole",
        arguments: [[], [1], [2], [1, 3, 2, 4, 6, 5], [2, 1, 2]])
    func runs(numbers: [Int]) {
        let runs = numbers.runs { $0 % 2 == 1 }
        #expect(runs.flatMap(\.elements) == numbers)
        for run in runs { #expect(!run.elements.isEmpty && run.elements.allSatisfy { ($0 % 2 == 1) == run.isOne }) }
        for (run, next) in zip(runs, runs.dropFirst()) { #expect(run.isOne != next.isOne) }
    }
}
