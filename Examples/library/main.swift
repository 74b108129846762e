import GRDB
import Logging
import Martlet
import SQLiteStore

/// A receipt that must be mailed once for every order.
struct MailReceipt: Job {
    static let kind = "mail-receipt"
    var order: Int64
}

// The program's own tables and the jobs live in one file, so that one transaction can write both.
let store = try await SQLiteStore(path: "shop.db")
let shop = try DatabasePool(path: "shop.db")
try shop.write { db in
    try db.execute(sql: "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL)")
}

let engine = Engine(store: store)
engine.handle(MailReceipt.self) { job, context in
    // A step runs once per job: should the process die after it, the next attempt goes on from here.
    let number = try await context.step("number") { "R-\(1000 + job.order)" }
    try await context.step("mail") { context.logger.info("mailing", metadata: ["receipt": "\(number)"]) }
    engine.stop()
}

// The order and its job exist if and only if this commits.
try shop.write { db in
    try db.execute(sql: "INSERT INTO orders (item) VALUES ('book')")
    try engine.enqueue(MailReceipt(order: db.lastInsertedRowID), in: store.transaction(db))
}
await engine.run()
await store.close()
