"""A tiny Whisper of synthetic speech, for tests and quick benchmarks only."""

from pathlib import Path

FIXTURE_MODEL = Path(__file__).parent / "model"
