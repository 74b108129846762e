import Database
import MartletCore
import Testing

@Suite("Values between Swift and PostgreSQL")
struct ValueTests {
    @Test("Every value comes back as it went")
    func roundTrip() async throws {
        try await PostgresServer.direct.withOpen { database in
            let id = JobID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
            let time = Timestamp(microseconds: 1_700_000_000_123_456)
            let row = try await database.run { connection in
                try connection.rows(
                    """
                    SELECT \(Int64.min) AS integer, \(true) AS boolean, \(-1.5) AS real, \("a'?é") AS text, \([0, 1, 255] as [UInt8]) AS bytes,
                    \(time) AS instant,
                    \(id) AS id, \(SQLJSON("{\"a\": 1}")) AS json, \(String?.none) AS nothing,
                    \(array: [1, 2]) AS numbers, \(array: ["x", nil]) AS names
                    """)[0]
            }
            #expect(try row.get("integer") == Int64.min)
            #expect(try row.get("boolean") == true)
            #expect(try row.get("real") == -1.5)
            #expect(try row.get("text") == "a'?é")
            #expect(try row.get("bytes") == [0, 1, 255] as [UInt8])
            #expect(try row.get("instant") == time)
            #expect(try row.get("id") == id)
            #expect(try row.get("json", as: SQLJSON.self).text == "{\"a\": 1}")
            #expect(try row.optional("nothing", as: String.self) == nil)
            #expect(try row.array("numbers") == [1, 2])
            #expect(throws: DatabaseFailure.self) { try row.array("names", of: String.self) }
        }
    }
}
