"""Getting out: by links in the hand-in's folder, by /proc, by namespaces and other processes."""

import os

from hostile.sheet import hostile

READ_ALL = """
import os
for folder, folders, names in os.walk('.'):
    for name in names: print(name, open(os.path.join(folder, name), 'rb').read()[:10**5])
"""
LIBC = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
"""


@hostile
def links_files(sheet):
    """Files in its folder are links to the gradebook, to sources and to another's hand-in."""
    for number, path in enumerate(sheet.loot["paths"]):
        sheet.folder.joinpath(f"data-{number}.csv").symlink_to(path)
    sheet.first(READ_ALL)


@hostile
def links_folders(sheet):
    """Folders in its folder are links to the course."""
    sheet.folder.joinpath("course").symlink_to(sheet.loot["course"])
    sheet.folder.joinpath("root").symlink_to("/")
    sheet.first(READ_ALL.replace("os.walk('.')", "os.walk('.', followlinks=True)"))


@hostile
def is_a_link(sheet):
    """The notebook itself is a link to the notebook of someone who has it right."""
    sheet.notebook = None
    sheet.folder.joinpath(f"{sheet.loot['stem']}.ipynb").symlink_to(sheet.loot["right"])


@hostile
def brings_pipes(sheet):
    """Its folder has a pipe that nobody writes to, and a socket."""
    os.mkfifo(sheet.folder / "data.csv")
    sheet.folder.joinpath("loop").symlink_to("loop")


@hostile
def writes_outside(sheet):
    """Writes to all that is the instructor's, by its path and by the sandbox's mounts."""
    sheet.first("""
import emkit
for path in [*loot['paths'], loot['untouched'], '/handin/x', '/usr/x', '/etc/x',
             *emkit.__path__, emkit.__path__[0] + '/workshop/bench/agent.py',
             emkit.__path__[0] + '/x.py', '/proc/sys/kernel/core_pattern',
             '/proc/sys/vm/overcommit_memory', '/proc/sysrq-trigger']:
    try: open(path, 'r+').close(); print('ESC' 'APED', path)
    except OSError as error: print(error)
    try: open(path, 'x').close(); print('ESC' 'APED', path)
    except OSError as error: print(error)
""")


@hostile
def makes_namespaces(sheet):
    """In a user namespace of its own it has all rights, and mounts what was covered."""
    sheet.first(
        LIBC
        + """
if os.fork() == 0:
    if libc.unshare(0x10000000) == 0: os.write(1, b'x'); open('/tmp/out', 'w').write('ESC' 'APED')
    os._exit(0)
os.wait()
print(os.path.exists('/tmp/out') and open('/tmp/out').read())
"""
    )


@hostile
def joins_namespaces(sheet):
    """Enters the namespaces of every process that it finds."""
    sheet.first(
        LIBC
        + """
for process in filter(str.isdigit, os.listdir('/proc')):
    for kind in ('user', 'mnt', 'pid', 'net'):
        try: file = os.open(f'/proc/{process}/ns/{kind}', os.O_RDONLY)
        except OSError as error: print(error); continue
        if libc.setns(file, 0) == 0: print('ESC' 'APED', process, kind)
"""
    )


@hostile
def traces_processes(sheet):
    """Attaches to every process, as a debugger does, and reads another's memory."""
    sheet.first(
        LIBC
        + """
for process in map(int, filter(str.isdigit, os.listdir('/proc'))):
    if process == os.getpid(): continue
    try: command = open(f'/proc/{process}/cmdline').read()
    except OSError: continue
    for path in loot['paths']:
        if path in command: print('ESC' 'APED', command)
    if 'nbgrader' in command.split('bwrap')[0] or 'multiprocessing' in command: print('ESC' 'APED')
print(os.getppid())
"""
    )


@hostile
def writes_into_its_connection(sheet):
    """Answers the judge before the agent does, and sends what is no message."""
    sheet.first("""
import os, struct, threading, time
from emkit.workshop.bench.parcel import pack
lies = [b'd5', b'a' + pack({'answer': 0}), b's{"output_type": "error"}', b'x' * 100]
def write():
    for _ in range(1000):
        for lie in lies: os.write(3, struct.pack('<Q', len(lie)) + lie)
        time.sleep(0.001)
    while True: os.write(3, b'\\xff' * 100)
threading.Thread(target=write, daemon=True).start()
""")


@hostile
def reads_its_connection(sheet):
    """Takes what the grader and the judge say to its shell."""
    sheet.first("""
import os, threading
def read():
    while True: os.read(3, 100)
threading.Thread(target=read, daemon=True).start()
""")


@hostile
def ends_its_connection(sheet):
    """Nobody is at the other end any more, from the second cell on."""
    sheet.first("import os\nos.close(3)")


@hostile
def exchanges_its_connection(sheet):
    """In the place of its connection is a server of this machine, or itself."""
    sheet.first("""
import os, socket
ours, theirs = socket.socketpair()
for path in (loot['socket'], '\\0' + loot['abstract']):
    try: ours = socket.socket(socket.AF_UNIX); ours.connect(path); print('ESC' 'APED')
    except OSError as error: print(error)
os.dup2(theirs.fileno(), 3)
""")


@hostile
def forks_into_the_conversation(sheet):
    """Many shells are at the end of one connection, and each does what it is asked."""
    sheet.first("""
import os
for _ in range(5): os.fork()
""")


@hostile
def passes_its_connection_on(sheet):
    """A process that lives on holds the connection when the shell has ended."""
    sheet.first("""
import os, signal, time
if os.fork() == 0:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True: os.write(3, b'x'); time.sleep(0.01)
os.kill(os.getpid(), signal.SIGKILL)
""")


@hostile
def becomes_the_first_process(sheet):
    """Writes its code into the sandbox's first process, of whom less is watched and forbidden."""
    sheet.first("""
for process in ('1', '1/task/1'):
    try:
        with open(f'/proc/{process}/mem', 'r+b', buffering=0) as memory:
            for line in open(f'/proc/{process}/maps'):
                start, _, kind = line.replace('-', ' ', 1).split()[:3]
                if kind == 'r-xp' and '[' not in line:
                    memory.seek(int(start, 16))
                    code = memory.read(64)
                    memory.seek(int(start, 16))
                    if memory.write(code): print('ESC' 'APED')
    except OSError as error: print(error)
""")


@hostile
def sends_more_than_bytes(sheet):
    """Open files, credentials and urgent bytes go over its connection to the grader."""
    sheet.first("""
import array, os, socket, struct
line = socket.socket(fileno=os.dup(3))
files = array.array('i', [os.open('/dev/null', os.O_RDONLY) for _ in range(100)])
message = b's{}'
for _ in range(50):
    frame = struct.pack('<Q', len(message)) + message
    line.sendmsg([frame], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
    try: line.send(b'x', socket.MSG_OOB)
    except OSError as error: print(error)
""")


@hostile
def stands_still(sheet):
    """Stops itself, as Ctrl-Z does, and all that it can reach, in a cell and in an answer."""
    stop = "import os, signal\nos.kill({}, signal.SIGSTOP)"
    sheet.first(stop.format("-1") + "\nos.kill(os.getpid(), signal.SIGSTOP)")
    sheet.answer("half", f"def half(x):\n    {stop.format('os.getpid()')}".replace("\nos", "; os"))
