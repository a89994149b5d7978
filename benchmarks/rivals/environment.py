"""A virtual environment of its own for each peer, made when it is first needed."""

import logging
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

logger = logging.getLogger(__name__)

# One pip install after the other: its arguments, space between.
Steps = Sequence[str]

TORCH = "torch==2.13.0"  # alone and first: the index says which build that is
_DONE = "earshot-steps.txt"  # the steps that were taken; others make it anew


def environment(folder: Path, name: str, steps: Steps) -> Path:
    """The Python of a peer's environment. Raises CalledProcessError when pip fails."""
    home = folder / name
    python = home / "bin" / "python"
    done = home / _DONE
    taken = "\n".join(steps)
    if done.exists() and done.read_text() == taken:
        return python
    logger.info("Installing %s into %s", name, home)
    subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
    for step in steps:
        install = [str(python), "-m", "pip", "install", "--quiet", *step.split()]
        subprocess.run(install, check=True)
    done.write_text(taken)
    return python
