/// On whose behalf a blob is kept: it stays for as long as anybody owns it.
public struct BlobOwner: Sendable, Hashable {
    /// Who is charged for it: once, however many of its owners keep the same bytes.
    public let tenant: String
    /// What keeps it, under a name of the application's choice: `post/17`, `module/42@3`.
    public let name: String

    public init(_ name: String, tenant: String) {
        self.name = name
        self.tenant = tenant
    }
}
