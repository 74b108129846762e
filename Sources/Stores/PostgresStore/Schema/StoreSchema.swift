import Database
import MartletCore

/// The store's tables and functions. The statements are the `.sql` files beside this one; a released step is never edited.
struct StoreSchema: Sendable {
    /// The schema's name in the database.
    let name: String

    /// The files of each step, in the order they are applied in.
    private static let steps: [[[UInt8]]] = [
        [
            PackageResources.tables_sql, PackageResources.rules_sql, PackageResources.heads_sql, PackageResources.enqueue_sql,
            PackageResources.events_sql, PackageResources.adopt_sql, PackageResources.details_sql, PackageResources.sweep_sql,
            PackageResources.claim_sql,
            PackageResources.settle_sql, PackageResources.queues_sql, PackageResources.triggers_sql, PackageResources.prune_sql,
            PackageResources.days_sql, PackageResources.public_sql,
        ]
    ]

    /// - Throws: `invalid` where the name is no plain identifier.
    init(name: String) throws(StoreError) {
        let isPlain = name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
        guard isPlain, (1...50).contains(name.utf8.count), name.utf8.first.map({ $0 > 57 }) == true else {
            throw .invalid(field: "schema", reason: "must be 1 to 50 small letters, digits and underscores, a letter first")
        }
        self.name = name
    }

    /// What stands before the name of every table and function.
    var prefix: SQL { SQL(stringLiteral: name + ".") }

    var schema: Schema {
        Schema(
            name: name,
            steps: Self.steps.map { files in
                [SQL(stringLiteral: "CREATE SCHEMA IF NOT EXISTS \(name)")] + files.flatMap(statements)
            })
    }

    /// The statements of a file, which a line of dashes separates.
    private func statements(_ file: [UInt8]) -> [SQL] {
        let text = String(decoding: file, as: UTF8.self)
        var statements: [String] = []
        var lines: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "----" {
                statements.append(lines.joined(separator: "\n"))
                lines = []
            } else {
                lines.append(line)
            }
        }
        statements.append(lines.joined(separator: "\n"))
        return statements.map { SQL(stringLiteral: replacing("martlet.", in: $0)) }
    }

    private func replacing(_ prefix: String, in text: String) -> String {
        name + "." == prefix ? text : text.split(separator: prefix, omittingEmptySubsequences: false).joined(separator: name + ".")
    }
}
