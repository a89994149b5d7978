"""What an administrator sees and does: calls, people, files, jobs."""

from meetings.admin import accounts, calls, files, people

__all__ = ["accounts", "calls", "files", "people"]
