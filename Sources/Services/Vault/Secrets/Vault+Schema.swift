import Database

extension Vault {
    /// The tables of secrets and connections; hand it to `SQLDatabase.open`.
    public static let schema = Schema(name: "vault", steps: [secretTables + connectionTables])

    private static let secretTables: [SQL] = [
        """
        CREATE TABLE vault_keys (
            id \(type: .text) PRIMARY KEY, is_primary \(type: .boolean) NOT NULL, created_at \(type: .instant) NOT NULL, retired_at \(type: .instant))
        """,
        // Two that initialise or rotate at once cannot both be right.
        .either(
            sqlite: "CREATE UNIQUE INDEX vault_keys_primary ON vault_keys (is_primary) WHERE is_primary = 1",
            postgres: "CREATE UNIQUE INDEX vault_keys_primary ON vault_keys (is_primary) WHERE is_primary"),
        """
        CREATE TABLE vault_secrets (
            kind \(type: .text) NOT NULL, tenant \(type: .text) NOT NULL, name \(type: .text) NOT NULL, key_id \(type: .text) NOT NULL,
            wrapped_key \(type: .bytes) NOT NULL, sealed \(type: .bytes) NOT NULL, created_at \(type: .instant) NOT NULL,
            updated_at \(type: .instant) NOT NULL, PRIMARY KEY (kind, tenant, name))
        """,
    ]

    private static let connectionTables: [SQL] = [
        """
        CREATE TABLE vault_providers (
            tenant \(type: .text) NOT NULL, name \(type: .text) NOT NULL, definition \(type: .json) NOT NULL, updated_at \(type: .instant) NOT NULL,
            PRIMARY KEY (tenant, name))
        """,
        """
        CREATE TABLE vault_connections (
            id \(type: .id) PRIMARY KEY, tenant \(type: .text) NOT NULL, name \(type: .text) NOT NULL, provider_tenant \(type: .text) NOT NULL,
            provider \(type: .text) NOT NULL, kind \(type: .text) NOT NULL, parameters \(type: .json) NOT NULL, scopes \(type: .text) NOT NULL,
            state \(type: .text) NOT NULL, reason \(type: .text), version \(type: .integer) NOT NULL, epoch \(type: .integer) NOT NULL,
            rotates \(type: .boolean) NOT NULL, unanswered \(type: .integer) NOT NULL, unanswered_since \(type: .instant),
            failures \(type: .integer) NOT NULL, expires_at \(type: .instant), usable_until \(type: .instant), refresh_at \(type: .instant),
            created_at \(type: .instant) NOT NULL, updated_at \(type: .instant) NOT NULL, UNIQUE (tenant, name))
        """,
        "CREATE INDEX vault_connections_due ON vault_connections (refresh_at) WHERE refresh_at IS NOT NULL",
        """
        CREATE TABLE vault_authorizations (
            state_hash \(type: .text) PRIMARY KEY, session_hash \(type: .text) NOT NULL, tenant \(type: .text) NOT NULL,
            connection \(type: .text) NOT NULL, provider_tenant \(type: .text) NOT NULL, provider \(type: .text) NOT NULL,
            parameters \(type: .json) NOT NULL, scopes \(type: .text) NOT NULL, redirect_uri \(type: .text) NOT NULL,
            expires_at \(type: .instant) NOT NULL)
        """,
        "CREATE INDEX vault_authorizations_expiry ON vault_authorizations (expires_at)",
        "CREATE INDEX vault_authorizations_connection ON vault_authorizations (tenant, connection, expires_at)",
        """
        CREATE TABLE vault_notices (
            id \(type: .id) PRIMARY KEY, connection \(type: .id) NOT NULL, type \(type: .text) NOT NULL, data \(type: .json) NOT NULL,
            is_audited \(type: .boolean) NOT NULL)
        """,
    ]
}
