import MartletCore
import Testing

@Suite struct AdmissionTests {
    private static let policy = {
        var policy = QueuePolicy()
        (policy.highWater, policy.lowWater) = (5000, 3000)
        return policy
    }()

    private static func admitted(_ admission: inout Admission, depth: Int) -> [Int] {
        Priority.all.filter { admission.admits($0, depth: depth, policy) }.map(\.level)
    }

    @Test func `S3-3: the least urgent are refused first and standard work exactly at the high mark`() {
        var admission = Admission()
        #expect(Self.admitted(&admission, depth: 4499) == [0, 1, 2, 3])
        #expect(Self.admitted(&admission, depth: 4500) == [0, 1, 2])
        #expect(Self.admitted(&admission, depth: 4999) == [0, 1, 2])
        #expect(Self.admitted(&admission, depth: 5000) == [0, 1])
        #expect(Self.admitted(&admission, depth: 5500) == [0])
        #expect(Self.admitted(&admission, depth: 6000) == [])
    }

    @Test func `S3-3: what was refused stays refused until the queue is below the low mark`() {
        var admission = Admission()
        _ = Self.admitted(&admission, depth: 5000)
        for depth in stride(from: 4999, through: 3000, by: -1) { #expect(Self.admitted(&admission, depth: depth) == [0, 1]) }
        #expect(Self.admitted(&admission, depth: 2999) == [0, 1, 2, 3])
        #expect(Self.admitted(&admission, depth: 4499) == [0, 1, 2, 3])
    }

    @Test func `a queue without a mark accepts everything and forgets that it refused`() {
        var admission = Admission(refusedFrom: 0)
        let isAdmitted = admission.admits(.low, depth: .max, QueuePolicy())
        #expect(isAdmitted && admission.refusedFrom == 4)
    }

    @Test func `the low mark defaults to three fifths of the high one`() {
        var policy = QueuePolicy()
        policy.highWater = 100
        var admission = Admission()
        let answers = [100, 60, 59].map { admission.admits(.standard, depth: $0, policy) }
        #expect(answers == [false, false, true])
    }

    @Test func `a policy that contradicts itself is refused`() {
        #expect(Self.policy.fault == nil && QueuePolicy().fault == nil)
        let changes: [(inout QueuePolicy) -> Void] = [
            { $0.concurrency = 0 }, { $0.perTenant = 0 }, { $0.highWater = 0 }, { $0.lowWater = 5 },
            { policy in (policy.highWater, policy.lowWater) = (5, 5) },
            { policy in (policy.highWater, policy.lowWater) = (5, -1) }, { $0.retention = .seconds(-1) },
            { $0.rate = Rate(count: 0, per: .seconds(1)) },
        ]
        for change in changes {
            var policy = QueuePolicy()
            change(&policy)
            #expect(policy.fault != nil)
        }
    }
}
