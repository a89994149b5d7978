"""What people are told of the model that serves: a sentence, or nothing."""

from typing import Any


def banner(said: dict[str, Any]) -> str:
    """A sentence for every page while something less than the chosen model serves.

    ``said``: a ``status``. Why is for the log: it may name folders of the server.
    """
    if not said["ready"]:
        return no_captions(said)
    if said["slow"]:
        return f"Captions are slower than usual: {said['slow']}"
    if said["model"] == said["wanted"]:
        return ""
    if said["fetched"] is not None:
        until = f"until {said['wanted']} is here: {said['fetched']:.0%}."
        return f"{said['model']} writes the captions {until}"
    if said["problem"]:
        return (
            f"{said['model']} goes on writing the captions: {said['wanted']} could not "
            "be loaded. The log says why."
        )
    return ""


def no_captions(said: dict[str, Any]) -> str:
    """Why nothing is written now, for everybody; empty when something is, or soon."""
    if said["ready"]:
        return ""
    if said["fetched"] is not None:
        wanted, done = said["wanted"], said["fetched"]
        why = f"{wanted} is being fetched, {done:.0%}. Calls are recorded."
    elif said["problem"]:
        why = (
            "the model could not be loaded. Calls are recorded; an admin finds the "
            "reason in the log."
        )
    else:
        return ""  # it is being loaded: a moment
    return f"There are no captions: {why}"
