import Database
import MartletCore
import Testing

@testable import Vault

@Suite struct NoticeTests {
    @Test(arguments: TestDatabase.allCases)
    func `what could not be told is told later`(engine: TestDatabase) async throws {
        try await ConnectionScene.with(engine) { scene in
            let id = try await scene.connected().id
            // What a process leaves that ended between the commit and the streams.
            let notice = scene.base.environment.makeJobID()
            let row = try await scene.connections.load(id).row
            try await scene.base.vault.write { try ConnectionNotice(.uncertain, row, reason: "lost").write(notice, $0) }
            #expect(try await scene.events("audit") == ["connection.active"])
            await scene.connections.tell()
            #expect(try await scene.events("audit") == ["connection.active", "connection.uncertain"])
            await scene.connections.tell()
            #expect(try await scene.events("audit").count == 2)
        }
    }
}
