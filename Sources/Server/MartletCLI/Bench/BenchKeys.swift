import Database
import Foundation
import Logging
import MartletCore
import MartletHTTP

/// Keys in a file of their own, with one that may do everything; removed afterwards.
enum BenchKeys {
    static func with<Result>(
        _ environment: MartletCore.Environment, _ body: (AccessControl, _ key: String) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "bench_keys_\(environment.makeJobID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await open(folder.appending(path: "keys.db").path(percentEncoded: false), environment, body))
        } catch {
            result = .failure(error)
        }
        try FileManager.default.removeItem(at: folder)
        return try result.get()
    }

    private static func open<Result>(
        _ path: String, _ environment: MartletCore.Environment, _ body: (AccessControl, _ key: String) async throws -> Result
    ) async throws -> Result {
        let database = try await SQLDatabase.open("sqlite:\(path)", schemas: [KeyTable.schema], environment: environment)
        let result: Swift.Result<Result, any Error>
        do {
            let keys = KeyTable(database, environment: environment)
            let key = try await keys.create(NewKey(name: "bench", scopes: .everything)).secret.text
            let access = try await AccessControl.open(
                AccessConfiguration(), keys: keys, source: NoIssuers(), environment: environment, logger: .silent)
            result = .success(try await body(access, key))
        } catch {
            result = .failure(error)
        }
        await database.close()
        return try result.get()
    }
}

/// No token comes in a bench, so nobody's keys are asked for.
private struct NoIssuers: KeySetSource {
    func fetch(_ url: String, bytesMax: Int) async throws -> [UInt8] { [] }
}
