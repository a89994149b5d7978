import subprocess
import sys


def test_it_needs_no_django() -> None:
    script = (
        "import sys; sys.modules['django'] = None\n"
        "import meetings.media.server, meetings.media.probe\n"
        "import meetings.media.egress.composite, meetings.media.ingress.files\n"
        "import meetings.media.serve, meetings.media.ingress.hls\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
