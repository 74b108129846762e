import MartletHTTP

extension AuditEntry {
    /// A change to a secret of a tenant, by this command line.
    init(_ action: AuditAction, secret name: String, tenant: String) {
        self.init(action, tenant.isEmpty ? "secret/\(name)" : "secret/\(tenant)/\(name)", by: KeysCommand.principal)
    }
}
