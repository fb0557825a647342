### Background tasks.

tasks-title = Background tasks
tasks-name = Task
tasks-period = Period
tasks-last = Last run
tasks-result = Result
tasks-runs = Runs
tasks-failures = Failures
tasks-always = always
tasks-never = not yet
tasks-running = running
tasks-failed = failed
tasks-done = done
tasks-none = No task is running: the program is starting or stopping.
