"""Runs a command on a terminal and prints what it writes there: python3 terminal.py COLUMNS ROWS COMMAND...

stdout and stderr are one terminal of that size; COLUMNS and NO_COLOR of the environment do not count."""
import fcntl
import os
import pty
import struct
import sys
import termios

columns, rows, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    os.execvpe(command[0], command, dict(environment, TERM="xterm"))
written = b""
while True:
    try:
        more = os.read(terminal, 65536)
    except OSError:  # the command has ended
        break
    if not more:
        break
    written += more
sys.stdout.write(written.decode("utf-8", "replace").replace("\r\n", "\n"))
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(status if status >= 0 else 128 - status)
