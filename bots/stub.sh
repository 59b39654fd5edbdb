#!/bin/sh
# What the driver starts as its browser (bots/splice.py).
exec "$NIGHTDESK_PYTHON" -IS "${0%/*}/stub.py" "$@"
