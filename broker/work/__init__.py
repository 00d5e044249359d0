"""The worker: the queue, the jobs and the process that runs them beside the web."""
