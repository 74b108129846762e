import Records
import Testing

@testable import MartletCLI

@Suite struct DatabaseAddressTests {
    private func configuration(_ yaml: String, overrides: [String: ConfigurationReader.Override] = [:]) throws -> Configuration {
        try Configuration(yaml: yaml, overrides: overrides, folder: "/srv", currentFolder: "/current")
    }

    @Test(arguments: [
        ("", "sqlite:/srv/martlet-data.db"),
        ("store: jobs.db", "sqlite:/srv/jobs-data.db"),
        ("store: sqlite:jobs", "sqlite:/srv/jobs-data.db"),
        ("store: postgres://ann:secret@db/jobs", "postgres://ann:secret@db/jobs"),
        ("store: redis://cache", "sqlite:/srv/martlet-data.db"),
        ("store: redis://cache\ndatabase: postgres://db/data", "postgres://db/data"),
        ("store: postgres://db/jobs\ndatabase: sqlite:data.db", "sqlite:/srv/data.db"),
    ])
    func `Services keep their tables beside the store, or where the setting says`(yaml: String, url: String) throws {
        #expect(try configuration(yaml).database.url == url)
    }

    @Test func `One named outside the file is relative to the current folder, and goes before the file`() throws {
        let flag = ["database": ConfigurationReader.Override(text: "b.db", origin: .flag("--database"))]
        #expect(try configuration("database: a.db", overrides: flag).database == .sqlite(path: "/current/b.db"))
        #expect(try configuration("database: a.db").database == .sqlite(path: "/srv/a.db"))
    }

    @Test(arguments: ["redis://cache", "mysql://db/data", "sqlite:"]) func `What is no SQL database is refused`(text: String) {
        #expect(throws: ConfigurationError.self) { try configuration("database: \(text)") }
    }

    @Test func `The store's own file is refused, and said with all other faults`() {
        let error = #expect(throws: ConfigurationError.self) { try configuration("listen: nowhere\nstore: a.db\ndatabase: sqlite:/srv/a.db") }
        #expect(error?.faults.count == 2)
        #expect(error?.faults.last?.description.hasPrefix("martlet.yaml:3: database: must be another file than the store's") == true)
    }

    @Test func `How much of the log is kept is a setting`() throws {
        let log = try configuration("log: { retention: P1D, records: 5000 }").log
        #expect(log.retention.age == .seconds(86_400) && log.retention.count == 5000)
        #expect(throws: ConfigurationError.self) { try configuration("log: { retention: 0, records: 0 }") }
    }

    @Test func `It is shown without its password`() throws {
        #expect("\(try configuration("database: postgres://ann:secret@db/data").database)" == "postgres://ann:…@db/data")
    }
}
