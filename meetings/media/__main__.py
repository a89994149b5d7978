import sys

from meetings.media.serve import main

if __name__ == "__main__":
    sys.exit(main())
