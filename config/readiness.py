"""What the web process of this installation says of itself, asked from outside."""

import json
import urllib.error
import urllib.request

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}
NO_CAPTIONS = "no captions"  # there is no model: calls are recorded
GOOD = ("ok", NO_CAPTIONS)  # states with which a call can start
PATIENCE = 2.0  # seconds for an answer


def ask(host: str, port: int) -> dict[str, str]:
    """State of each part by /readyz, "ok" or a word why not. Raises OSError."""
    address = f"http://{ANYWHERE.get(host, host)}:{port}/readyz"
    request = urllib.request.Request(address, headers={"Host": "localhost"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            parts = json.load(answer)
    except urllib.error.HTTPError as refusal:
        if refusal.code != 503:
            raise
        parts = json.load(refusal)
    parts.pop("ready")
    return dict(parts)


def missing(host: str, port: int) -> list[str]:
    """Parts that keep a call from starting; empty when one can start."""
    try:
        parts = ask(host, port)
    except (OSError, ValueError):
        return ["web"]
    return [name for name, state in parts.items() if state not in GOOD]
