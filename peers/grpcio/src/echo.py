"""The echo service of the soak on grpcio, as a server and as a client: see ../../README.md.

echo.py serve SETTINGS       prints its port, and serves until its input ends
echo.py call PORT SETTINGS   makes the calls of its input, and prints how each went
"""

import json
import sys

from call import call
from serve import serve

if __name__ == "__main__":
    settings = json.loads(sys.argv[-1])
    if sys.argv[1] == "serve":
        serve(settings)
    else:
        call(sys.argv[2], settings)
