import GRDB

/// An open connection as GRDB hands it out inside `read` and `write`; named here so that the floors above can pass one on without
/// importing GRDB themselves.
public typealias SQLiteHandle = GRDB.Database
