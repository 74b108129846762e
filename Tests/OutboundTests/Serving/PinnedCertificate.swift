import NIOSSL

/// A certificate for `pinned.test` that signs itself, valid until 2126. Its key guards nothing.
enum PinnedCertificate {
    static func certificate() throws -> NIOSSLCertificate { try NIOSSLCertificate(bytes: Array(certificateText.utf8), format: .pem) }

    static func context() throws -> NIOSSLContext {
        let key = try NIOSSLPrivateKey(bytes: Array(keyText.utf8), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(certificateChain: [.certificate(try certificate())], privateKey: .privateKey(key)))
    }

    private static let certificateText = """
        -----BEGIN CERTIFICATE-----
        MIIBnDCCAUGgAwIBAgIUCD5aI14NYOrtElJNNg995msA2ukwCgYIKoZIzj0EAwIw
        FjEUMBIGA1UEAwwLcGlubmVkLnRlc3QwIBcNMjYxMTI0MTQzODM2WhgPMjEyNjEw
        MzExNDM4MzZaMBYxFDASBgNVBAMMC3Bpbm5lZC50ZXN0MFkwEwYHKoZIzj0CAQYI
        KoZIzj0DAQcDQgAEy0mzW+Ep2FO0mTvPeYYwvqWlq7nMvyu+gtUnnDPejnVOtNHD
        p0R4i0nMTO6s4JTdcs6lb6dBSY2BH3UqXY9WQKNrMGkwHQYDVR0OBBYEFOeimQ9h
        kkO7jrMOypDWAyZhuAP9MB8GA1UdIwQYMBaAFOeimQ9hkkO7jrMOypDWAyZhuAP9
        MA8GA1UdEwEB/wQFMAMBAf8wFgYDVR0RBA8wDYILcGlubmVkLnRlc3QwCgYIKoZI
        zj0EAwIDSQAwRgIhANSaMX5PVRce9bphPU/GB4SEom0x2eOWL0P2C1fDuraPAiEA
        ojHG/PVs40jQ0489VfyWSeEPpT2QcVoNmPDHAlrWW94=
        -----END CERTIFICATE-----
        """

    private static let keyText = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZ2JUZ1O0sEyGARfV
        Eap8B7hrxfAYDJcejeAfSFz4kaChRANCAATLSbNb4SnYU7SZO895hjC+paWrucy/
        K76C1SecM96OdU600cOnRHiLScxM7qzglN1yzqVvp0FJjYEfdSpdj1ZA
        -----END PRIVATE KEY-----
        """
}
