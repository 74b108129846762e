import MartletCore
import Vault

extension Configuration {
    static let keyFileSetting = "vault.key_file"
    /// The keys themselves, for where there is no file to keep them in.
    static let keyVariable = "MARTLET_VAULT_KEY"
    private static let keyFileName = "martlet-vault.key"

    /// Where the key is looked for when nothing names another place.
    var standardKeyFile: String { FilePaths.absolute(Self.keyFileName, in: folder) }

    /// - Parameter currentFolder: what a path given outside the file is relative to.
    mutating func readVault(_ root: ConfigurationSection, _ overrides: [String: ConfigurationReader.Override], _ currentFolder: String) {
        let section = root.section("vault", known: ["key_file"])
        guard let path = section.text("key_file") else { return }
        vault = .file(path: FilePaths.absolute(path, in: overrides[Self.keyFileSetting] == nil ? folder : currentFolder))
    }

    mutating func readOutbound(_ root: ConfigurationSection) {
        let section = root.section("outbound", known: ["allow"])
        for (index, text) in (section.list("allow") ?? []).enumerated() {
            if let network = Network(text) {
                outboundNetworks.append(network)
            } else {
                section.fail("allow", "[\(index)] must be an address or a range, as in 10.0.0.0/8")
            }
        }
    }

    /// What the settings leave open: keys in the environment go before a file that the configuration names, and after one that is named outside it;
    /// where nothing is said, a file of the usual name counts.
    mutating func findVaultKey(_ overrides: [String: ConfigurationReader.Override], _ environment: [String: String]) {
        if overrides[Self.keyFileSetting] == nil, environment[Self.keyVariable]?.isEmpty == false {
            vault = .environment(variable: Self.keyVariable)
        } else if vault == nil, FilePaths.exists(standardKeyFile) {
            vault = .file(path: standardKeyFile)
        }
    }
}
