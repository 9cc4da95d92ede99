"""What gevent's io watchers wait for, as libev has it, and psycopg too."""

READABLE, WRITABLE = 1, 2
