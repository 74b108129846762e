import NIOSSL

/// An authority made for these tests, and a certificate of its for `localhost` and `redis.example`, valid for a hundred years.
enum TestCertificates {
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBqTCCAU+gAwIBAgIUYIfOfasiVvZlsVl1620knFtfR+gwCgYIKoZIzj0EAwIw
        ITEfMB0GA1UEAwwWTWFydGxldCB0ZXN0IGF1dGhvcml0eTAgFw0yNjExMjQxMDI5
        MTlaGA8yMTI2MTAzMTEwMjkxOVowITEfMB0GA1UEAwwWTWFydGxldCB0ZXN0IGF1
        dGhvcml0eTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNsKukNYrbDilPQZ/czn
        KO+sWSVs/Y58GKLcAeuGyw0487OEM6DT3Iy02/gJdfTr0cU9vT0AEHo81rD1+x6Q
        k9yjYzBhMB0GA1UdDgQWBBREO5Gta6/IpDneNL/5f0P7gOa+4TAfBgNVHSMEGDAW
        gBREO5Gta6/IpDneNL/5f0P7gOa+4TAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB
        /wQEAwICBDAKBggqhkjOPQQDAgNIADBFAiEAuhDm0CyfUcwEt2XL6dzrJVso0ylN
        6BQEhkZyNe9sDtcCIBKrhqxzmbPdcLJd8s/rFL1ipzzF+BjzM3/j08zRe1Q/
        -----END CERTIFICATE-----

        """

    static let server = """
        -----BEGIN CERTIFICATE-----
        MIIBtTCCAVugAwIBAgIUbcImnY2PsQhYQxq/m9XXNvic1XowCgYIKoZIzj0EAwIw
        ITEfMB0GA1UEAwwWTWFydGxldCB0ZXN0IGF1dGhvcml0eTAgFw0yNjExMjQxMDI5
        MTlaGA8yMTI2MTAzMTEwMjkxOVowFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYH
        KoZIzj0CAQYIKoZIzj0DAQcDQgAEmYuzOZ7VAZ2GJVIX7V8CRuyi24h+gEXDDEcI
        wfNC4PNj639jlbSrdqlIqcucQGb99EZr5KPHfwW4V6zqe0UMG6N8MHowIwYDVR0R
        BBwwGoIJbG9jYWxob3N0gg1yZWRpcy5leGFtcGxlMBMGA1UdJQQMMAoGCCsGAQUF
        BwMBMB0GA1UdDgQWBBRovAPUHIRbNn6kRLJzf5V9WwYidDAfBgNVHSMEGDAWgBRE
        O5Gta6/IpDneNL/5f0P7gOa+4TAKBggqhkjOPQQDAgNIADBFAiA0FRjb6IXsWmDT
        adhbm84FtZVaEdoyvPEMQNLpDZFN5QIhAM3X8juG6KhR6xJM8ZXMK6qwPrxntv5b
        QtRDj6xctpDw
        -----END CERTIFICATE-----

        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgaEp3YdO7X0m5kQXf
        5kM9JbjdRH/YrecpS6O4pAhHLbqhRANCAASZi7M5ntUBnYYlUhftXwJG7KLbiH6A
        RcMMRwjB80Lg82Prf2OVtKt2qUipy5xAZv30Rmvko8d/BbhXrOp7RQwb
        -----END PRIVATE KEY-----

        """

    static func context() throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(server.utf8)).map { NIOSSLCertificateSource.certificate($0) }
        let key = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
        return try NIOSSLContext(configuration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key)))
    }
}
