import Crypto
import Database

enum Vault {}
