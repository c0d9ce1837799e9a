#!/bin/sh
# The node as a service, beside nginx and wrk: bench/serve.sh BUILD
#   SECONDS_EACH    of each figure (default 5)
#   MEMORY_SECONDS  of mixed load, for whether memory stays flat (default 30; the figure in docs/ is of 600)
#   IDLE            idle connections (default 10000)
#   PARTS           which (default: cache pages slow idle acts memory)
set -eu
exec python3 bench/serve.py "$1"
