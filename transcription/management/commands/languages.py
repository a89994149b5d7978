"""``manage.py languages export [FILE]`` and ``import FILE``: the rows as TOML."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from transcription.tuning import toml
from transcription.tuning.toml import TOMLError


class Command(BaseCommand):
    help = "Write languages and their phrases to a file, or take them from one."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        export = verbs.add_parser("export", help="as TOML, by default to stdout")
        export.add_argument("file", nargs="?", type=Path, metavar="FILE")
        importing = verbs.add_parser("import", help="takes effect within a second")
        importing.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["verb"] == "import":
                self._import(options["file"])
            else:
                self._export(options["file"])
        except BrokenPipeError:  # of who reads the export
            raise
        except (OSError, TOMLError) as error:
            raise CommandError(str(error)) from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{options['file']} is not UTF-8: {error}") from error

    def _import(self, file: Path) -> None:
        codes = toml.load(file.read_text(encoding="utf-8-sig"))
        self.stdout.write(f"Taken over: {', '.join(codes) or 'no language'}")

    def _export(self, file: Path | None) -> None:
        if file is None:
            self.stdout.write(toml.dump(), ending="")
        else:
            file.write_text(toml.dump(), encoding="utf-8")
