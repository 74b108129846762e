import Crypto
import Database

enum Records {}
