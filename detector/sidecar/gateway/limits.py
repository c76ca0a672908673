"""What a client, a server or a call may take, so that none of them harms the others."""

from typing import Final

# Connections of clients at once, to one upstream.
CONNECTIONS: Final = 2048
# Bytes of a request's or an answer's line and headers.
HEAD: Final = 64 << 10
# Bytes that are read at once, and that wait to be written before reading goes on.
PIECE: Final = 256 << 10
# Bytes of a body that are kept until the answer begins, for the case that the server closes a connection just then.
AGAIN: Final = 1 << 20
# Bytes of a body that are looked at: one that is longer cannot be read, and is held where it matters.
LOOKED_AT: Final = 32 << 20
# Bytes of bodies that are looked at together.
TOGETHER: Final = 256 << 20
# Bytes of the JSON head of a request of the Open Inference Protocol; tensors that stand in it are passed over.
INFERENCE_HEAD: Final = 4 << 20
# New models of one upstream that are being found out, or wait for it: clients choose their names.
UNDER_WAY: Final = 64
# Bytes of a model's name and of what requests give it, by which it is kept.
NAMED: Final = 16 << 10

# Seconds in which a head has to be here, from its first byte.
HEAD_S: Final = 10.0
# Seconds that a client may leave its connection idle between requests.
IDLE_S: Final = 75.0
# Seconds without a byte after which a client that sends, or takes, is given up.
CLIENT_S: Final = 30.0
# The same of a server: a large model thinks for minutes.
SERVER_S: Final = 600.0
# Seconds in which a server has to take a connection.
CONNECT_S: Final = 10.0
# Seconds that a connection to a server is kept for the next request: many servers close theirs after five.
KEPT_S: Final = 4.0
# Seconds that a call waits until its model is identified.
IDENTIFIED_S: Final = 30.0
# Seconds for which an answer about a model counts before the server is asked whether it is the same still.
FRESH_S: Final = 60.0
