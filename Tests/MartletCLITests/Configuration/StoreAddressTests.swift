import Testing

@testable import MartletCLI

@Suite struct StoreAddressTests {
    @Test(arguments: [
        ("postgres://ann:secret@db/jobs?sslmode=require", "postgres://ann:…@db/jobs?sslmode=require"),
        ("postgresql://ann:p%40ss:word@a:1,b:2/jobs", "postgresql://ann:…@a:1,b:2/jobs"),
        ("postgres:///jobs?user=ann&password=secret&sslpassword=more", "postgres:///jobs?user=ann&password=…&sslpassword=…"),
        ("rediss://:secret@cache:6380/2?prefix=shop", "rediss://:…@cache:6380/2?prefix=shop"),
        ("redis+sentinel://ann:secret@s1:26379,s2:26379/main", "redis+sentinel://ann:…@s1:26379,s2:26379/main"),
        ("redis+cluster://c1,c2,c3", "redis+cluster://c1,c2,c3"),
    ])
    func aURLIsShownWithoutItsPassword(text: String, shown: String) throws {
        let address = try #require(StoreAddress(text, relativeTo: "/srv"))
        #expect(address.description == shown)
        #expect(address.path == nil)
        switch address {
        case .postgres(let url), .redis(let url): #expect(url == text)
        case .sqlite: Issue.record("\(shown) is no file")
        }
    }

    @Test(arguments: ["sqlite:jobs.db", "jobs.db", "sqlite://jobs.db", "./jobs.db"]) func aFileIsRelativeToItsFolder(text: String) {
        #expect(StoreAddress(text, relativeTo: "/srv") == .sqlite(path: "/srv/jobs.db"))
    }

    @Test(arguments: ["mysql://db/jobs", "", "sqlite:", "redi://x"]) func whatIsNoStoreIsRefused(text: String) {
        #expect(StoreAddress(text, relativeTo: "/srv") == nil)
    }
}
