import sys

from emkit.classroom.cli import main

sys.exit(main())
