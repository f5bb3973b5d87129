"""Messages of a WebSocket as they go over the line, made once for however many clients.

What our API hands to our server beside ASGI, which would have each message made anew for each client.
"""

from websockets.frames import Frame, Opcode

FRAMES = "fleetdash.frames"
"""The key of a `websocket.send` that carries frames in place of a text."""


def text_frame(text: str) -> bytes:
    """A whole text message, unmasked as a server sends it (RFC 6455, 5.1)."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
