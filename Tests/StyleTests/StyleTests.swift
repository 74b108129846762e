import Foundation
import Testing

/// The house rules, checked on every file of the repository.
@Suite struct StyleTests {
    private func report(_ violations: [Violation]) {
        for violation in violations { Issue.record(Comment(rawValue: violation.description)) }
    }

    @Test func `the repository was found`() {
        #expect(Repository.manifest.contains("name: \"martlet\""))
        #expect(Repository.sources.count > 50)
    }

    @Test func `imports point down only`() {
        report(Repository.sources.flatMap(ImportRule.check))
    }

    @Test func `the table of floors itself points down`() {
        for (target, floor) in Floor.table {
            for other in floor.own { #expect((Floor.table[other]?.level ?? 99) < floor.level, "\(target) imports \(other)") }
        }
    }

    @Test(arguments: BannedCall.all)
    func `S3-9: nobody uses what is banned`(call: BannedCall) {
        report(Repository.files.flatMap(call.check))
    }

    @Test func `S0-11: nothing that ships stands in for a real part`() {
        report(Repository.files.flatMap(StandInRule.check))
    }

    @Test func `S0-13: every row of the audits that is answered has a test that names it`() {
        #expect(AuditRule.missing(in: Repository.files + Repository.scripts) == [])
    }

    @Test func `lines, functions and files are short`() {
        report(Repository.files.flatMap(LengthRule.check))
    }

    @Test func `files are named after their types and folders after concepts`() {
        report(Repository.files.flatMap(NameRule.check))
    }

    @Test func `every file belongs to a target`() {
        report(DeadCodeRule.checkTargets(Repository.files, manifest: Repository.manifest))
    }

    @Test func `every type is used by another file`() {
        report(DeadCodeRule.checkTypes(Repository.files))
    }

    @Test func `no promise and no path of a machine is left in a file`() {
        report(Repository.files.flatMap(TextRule.check))
    }
}
