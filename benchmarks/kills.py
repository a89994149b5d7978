"""Processes of a site are killed at random: what do people in a call lose, and jobs?

    python -m benchmarks.kills --kills 200
    python -m benchmarks.kills --kills 10 --only calls

Imports run and people talk in a call over real WebRTC while front, pages, calls,
worker and Valkey are killed (kill -9), one after the other, as chance wants it. Prints
how long it took until everybody was back, how much sound is missing beyond that, and
whether a job was lost or done twice and a final line has no row.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import site as sites
from benchmarks.call import FIXTURE_CALL, Person, active, excerpt, read_call
from benchmarks.figures import percentile
from benchmarks.fixture_model import FIXTURE_MODEL
from benchmarks.siege import JOIN
from benchmarks.site import Site

PARTS = ("front", "pages", "calls", "worker", "valkey")
IMPORTS = 20
PAUSE = (1.0, 4.0)  # s in the call before the next kill
BACK = 60.0  # s for everybody to come back
DONE = 600.0  # s for all jobs to end


@dataclass
class Report:
    """What the kills did."""

    back: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    missing: list[float] = field(default_factory=list)  # s of sound, a visit each
    unfinished: list[str] = field(default_factory=list)
    jobs_twice: list[str] = field(default_factory=list)
    transcripts: int = 0  # different ones, of imports that are all alike
    finals_seen: int = 0
    finals_lost: list[str] = field(default_factory=list)

    @property
    def all_back(self) -> list[float]:
        return [seconds for times in self.back.values() for seconds in times]

    def __str__(self) -> str:
        lines = [f"{'killed':<10}{'times':>7}{'back s p50':>12}{'p95':>8}{'max':>8}"]
        for part, times in [*self.back.items(), ("all", self.all_back)]:
            half, most = percentile(times, 0.5), percentile(times, 0.95)
            end = max(times, default=0.0)
            lines.append(
                f"{part:<10}{len(times):>7}{half:>12.1f}{most:>8.1f}{end:>8.1f}"
            )
        worst = max(self.missing, default=0.0)
        lines += [
            f"sound missing of a visit: p95 {percentile(self.missing, 0.95):.2f} s, "
            f"worst {worst:.2f} s, {len(self.missing)} visits",
            f"jobs not done: {self.unfinished or 'none'}",
            f"jobs twice: {self.jobs_twice or 'none'}",
            f"different transcripts of one recording: {self.transcripts}",
            f"finals seen {self.finals_seen}, without a row: {len(self.finals_lost)}",
            *self.finals_lost[:5],
        ]
        return "\n".join(lines)


def main() -> None:
    asked = _arguments()
    with sites.fresh(asked.model) as site:
        parts = asked.only or PARTS
        report = asyncio.run(killed(site, asked.kills, parts, asked.seed))
        print(report)
        if asked.log:
            print((site.data / sites.LOG).read_text())
    if asked.json:
        print(json.dumps(vars(report)))


async def killed(site: Site, kills: int, parts: Any, seed: int = 1) -> Report:
    """Two people talk, twenty imports run, ``kills`` times something dies."""
    from asgiref.sync import sync_to_async

    from benchmarks.callers import Caller, Reader

    people = [active(p, 60) for p in read_call(FIXTURE_CALL)[:2]]
    start = sync_to_async(sites.seats)
    meeting, code, seats = await start([p.name for p in people])
    cookie = await sync_to_async(sites.host_cookie)()
    callers = [Caller(site.url, code, s, p) for s, p in zip(seats, people, strict=True)]
    reader = Reader(site.url, code, cookie)
    reading = asyncio.create_task(reader.run())
    for caller in callers:
        caller.start()
    await _everybody(callers, JOIN)
    imported = await sync_to_async(_import)(site.data, people[0])
    report = Report()
    await _kill(site, callers, kills, parts, report, random.Random(seed))
    for caller in callers:
        await caller.stop()
    await sync_to_async(_end)(meeting)
    reading.cancel()
    await sync_to_async(_wait_for_jobs)(report)
    for caller in callers:
        await sync_to_async(_sound)(report, caller)
    await sync_to_async(_transcripts)(report, imported)
    await sync_to_async(_finals)(report, meeting, reader)
    return report


async def _kill(
    site: Site,
    callers: list[Any],
    kills: int,
    parts: Any,
    report: Report,
    chance: random.Random,
) -> None:
    for _ in range(kills):
        await asyncio.sleep(chance.uniform(*PAUSE))
        part = chance.choice(parts)
        pid = site.pids().get(part)
        if pid is None:  # it is being started again
            continue
        before = [len(caller.lost) for caller in callers]
        os.kill(pid, signal.SIGKILL)
        at = time.time()
        await asyncio.sleep(0.5)
        await _everybody(callers, BACK)
        hit = [c for c, n in zip(callers, before, strict=True) if len(c.lost) > n]
        report.back[part] += [caller.joined[-1] - at for caller in hit] or [0.0]


async def _everybody(callers: list[Any], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        await asyncio.gather(*(caller.is_in.wait() for caller in callers))


def _import(data: Path, person: Person) -> list[int]:
    """Twenty imports of the same minute; their meetings."""
    from django.contrib.auth.models import User

    from meetings.imports.services import ImportChoice, SourceFile, import_files

    sound = data / "minute.wav"
    _write_wav(sound, excerpt(person, 30, 1))
    owner = User.objects.get(username="admin")
    source, again = SourceFile(sound, "Minute.wav"), ImportChoice(again=True)
    return [import_files(owner, [source], "Import", again).pk for _ in range(IMPORTS)]


def _write_wav(file: Path, person: Person) -> None:
    import wave

    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(person.samples.tobytes())


def _end(meeting_id: int) -> None:
    """As a page does it: told that it was not done, it tries again."""
    from meetings import services
    from meetings.models import Meeting
    from meetings.rooms.orders import NotDone

    for _ in range(10):
        with suppress(NotDone):
            services.end_meeting(Meeting.objects.get(pk=meeting_id))
            return
    raise SystemExit("the call could not be ended")


def _wait_for_jobs(report: Report) -> None:
    from meetings.models import Job

    deadline = time.monotonic() + DONE
    while Job.objects.filter(state__in=Job.UNFINISHED).exists():
        if time.monotonic() > deadline:
            break
        time.sleep(0.5)
    jobs = list(Job.objects.all())
    report.unfinished = [f"{j} {j.error}" for j in jobs if j.state != Job.State.DONE]
    # An index is made anew whenever the text has changed.
    count = Counter((j.meeting_id, j.kind) for j in jobs if j.kind != "index")
    report.jobs_twice = [f"{kind} of {pk}" for (pk, kind), n in count.items() if n > 1]


def _sound(report: Report, caller: Any) -> None:
    """Sound of each visit that is in no track."""
    from meetings.models import Track

    tracks = Track.objects.filter(participant_id=caller.seat.participant)
    meeting = tracks[0].participant.meeting
    assert meeting.started_at
    zero = meeting.started_at.timestamp()
    kept = [
        (zero + t.offset_ms / 1000, zero + t.end_ms / 1000, _filled(t)) for t in tracks
    ]
    for begin, end in zip(caller.joined, caller.lost, strict=False):
        heard = sum(
            max(0.0, min(end, stop) - max(begin, start)) - gaps
            for start, stop, gaps in kept
            if start < end and stop > begin
        )
        report.missing.append(max(0.0, end - begin - heard))


def _filled(track: Any) -> float:
    """Silence in the place of sound that never came, in seconds."""
    return float(sum(end - start for start, end in track.gaps)) / 1000


def _transcripts(report: Report, meetings: list[int]) -> None:
    from transcription.models import Utterance

    texts = {
        tuple(
            Utterance.objects.filter(meeting=pk)
            .order_by("start_ms")
            .values_list("start_ms", "text")
        )
        for pk in meetings
    }
    report.transcripts = len(texts)


def _finals(report: Report, meeting_id: int, reader: Any) -> None:
    """Lines that were on the screen, and are in no row at that time."""
    from transcription.models import Utterance

    rows = list(Utterance.objects.filter(meeting=meeting_id))
    for participant, events in reader.events.items():
        mine = [row for row in rows if row.participant_id == participant]
        seen = {c.utterance_id: c for _, c in events if c.final and c.text.strip()}
        report.finals_seen += len(seen)
        report.finals_lost += [
            f"{caption.start:.1f}: {caption.text}"
            for caption in seen.values()
            if not any(
                row.start_ms < caption.end * 1000 and row.end_ms > caption.start * 1000
                for row in mine
            )
        ]


def _arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", type=Path, default=FIXTURE_MODEL)
    parser.add_argument("--only", nargs="+", choices=PARTS)
    parser.add_argument("--json", action="store_true", help="also as a last line")
    parser.add_argument("--log", action="store_true", help="print the site's log")
    return parser.parse_args()


if __name__ == "__main__":
    main()
