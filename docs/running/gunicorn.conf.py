"""How gunicorn serves the pages, behind a proxy that speaks https and waits for slow clients."""

import os

bind = os.environ.get("GUNICORN_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
# Not preloaded: a connection to the database that two processes share would mix up their answers.
preload_app = False
timeout = 60
graceful_timeout = 30
# A little forgetting, spread out, so that memory that is lost by and by is given back.
max_requests = 20_000
max_requests_jitter = 2_000
limit_request_line = 4094
limit_request_fields = 60
# The product writes a line for each request itself, without what people typed.
accesslog = None
control_socket_disable = True
worker_tmp_dir = "/dev/shm"  # noqa: S108 - memory, so that the sign of life never waits for a disk
