import AsyncHTTPClient
import Tracing

enum Outbound {}
