import Database
import Logging
import MartletCore

extension Connections {
    private struct Pending: Sendable {
        let id: JobID
        let events: [NewEvent]
    }

    private static let noticesMax = 100

    /// Appends what has been written down to the streams. What cannot be appended now is left for the next sweep.
    func tell() async {
        do {
            var isMore = true
            while isMore {
                let pending = try await pending()
                isMore = pending.count == Self.noticesMax
                guard !pending.isEmpty else { return }
                let appended = try await store.append(pending.flatMap(\.events))
                for case .refused(let error) in appended {
                    logger.error("the stream of a connection refuses an event", metadata: ["error": "\(error)"])
                }
                let ids = pending.map(\.id)
                try await vault.database.write { try $0.run("DELETE FROM vault_notices WHERE id IN \(ids)") }
            }
        } catch {
            logger.warning("owners of connections could not be told, will try again", metadata: ["error": "\(error)"])
        }
    }

    private func pending() async throws -> [Pending] {
        try await vault.database.read { connection in
            try connection.rows("SELECT * FROM vault_notices ORDER BY id LIMIT \(Self.noticesMax)").map { row in
                let id: JobID = try row.get("connection")
                let type: String = try row.get("type")
                let data = try Payload(json: Array(try row.get("data", as: SQLJSON.self).text.utf8))
                let streams = [OAuthConnection.stream(id)] + (try row.get("is_audited") ? [StreamName.audit] : [])
                return Pending(id: try row.get("id"), events: streams.map { NewEvent(stream: $0, type: type, data: data) })
            }
        }
    }
}
