"""Taking all there is of something: processes, memory, disk, time, and the grader's patience."""

from hostile.sheet import hostile


@hostile
def forks(sheet):
    """Every process makes two."""
    sheet.first("import os\nwhile True: os.fork()")


@hostile
def allocates(sheet):
    """Takes memory until there is none."""
    sheet.first("x = [bytearray(10**8) for _ in range(1000)]")


@hostile
def allocates_in_many(sheet):
    """Each of thirty processes takes half a gigabyte."""
    sheet.first("""
import os, time
for _ in range(30):
    if os.fork() == 0:
        x = bytearray(b'x') * (5 * 10**8)
        time.sleep(100); os._exit(0)
time.sleep(100)
""")


@hostile
def shares_memory(sheet):
    """Memory that is shared counts for no process; and some kinds need no process at all."""
    sheet.first("""
import ctypes, mmap, os, time
libc = ctypes.CDLL(None, use_errno=True)
segment = libc.shmget(0, 10**9, 0o1600)
if segment >= 0: print('ESC' 'APED: a segment that belongs to no process')
try:
    os.ftruncate(os.memfd_create('x'), 2**20)
    print('ESC' 'APED: a file in memory, on no disk')
except OSError as error: print(error)
pieces = []
for _ in range(5):
    piece = mmap.mmap(-1, 10**9)
    for start in range(0, 10**9, 10**7): piece[start:start + 10**7] = bytes(b'x' * 10**7)
    pieces.append(piece)
    if os.fork() == 0: time.sleep(100); os._exit(0)
    pieces.clear() if len(pieces) > 3 else None
print('ESC' 'APED: five gigabytes')
""")


@hostile
def fills_disks(sheet):
    """Writes to every place that can be written to."""
    sheet.first("""
import os
written = 0
for folder in ('/tmp', '/run', '/dev/shm', '.', '/var/tmp', '/etc', '/handin', '/'):
    try:
        for i in range(100):
            with open(f'{folder}/{i}', 'wb') as file: written += file.write(bytes(10**7))
    except OSError as error: print(folder, error)
if written > 4 * 2**26: print('ESC' 'APED', written)
""")


@hostile
def shows_without_end(sheet):
    """Prints for ever, and shows pictures of nothing for ever."""
    sheet.first("from IPython.display import display, HTML\nwhile True: display(HTML('x' * 10**6))")


@hostile
def opens_files(sheet):
    """Opens files, sockets and pipes without closing one."""
    sheet.first("import os\nx = []\nwhile True: x += [open('/dev/null'), os.pipe()]")


@hostile
def starts_threads(sheet):
    """Starts threads without end."""
    sheet.first("import threading, time\n"
                "while True: threading.Thread(target=time.sleep, args=[100]).start()")  # fmt: skip


@hostile
def starts_threads_in_many(sheet):
    """Fifty processes start as many threads as each may have."""
    sheet.first("""
import os, threading, time
for _ in range(50):
    if os.fork() == 0: break
threading.stack_size(2**16)
for _ in range(20000): threading.Thread(target=time.sleep, args=[1000]).start()
print('ESC' 'APED')
""")


@hostile
def ignores_the_clock(sheet):
    """Never stops, whatever signal comes."""
    sheet.first("""
import signal
for number in range(1, 32):
    try: signal.signal(number, signal.SIG_IGN)
    except OSError: pass
while True: pass
""")


@hostile
def kills_everyone(sheet):
    """Sends every process that it can reach a signal that ends it."""
    sheet.first("import os\n"
                "for p in range(2, 5000):\n"
                "    if p != os.getpid():\n"
                "        try: os.kill(p, 9)\n"
                "        except OSError: pass\n"
                "os.kill(-1, 9)")  # fmt: skip


@hostile
def crashes(sheet):
    """Reads memory that isn't there, in a cell and in an answer."""
    sheet.answer("double", "import ctypes\ndef double(x):\n    ctypes.string_at(0)")


@hostile
def answers_with_more_than_there_is(sheet):
    """Answers are arrays that grow when they are compared with a right one."""
    sheet.answer("double", "def double(x):\n    return np.zeros((2**27, 1), np.uint8)")
    sheet.answer("half", "def half(x):\n    return ['x' * 10**6] * 100")
    sheet.answer("log_gaussian", "def log_gaussian(X, mean, covariance):\n"
                 "    return np.zeros((2**25, 1))")  # fmt: skip


@hostile
def leaves_processes(sheet):
    """Starts processes that belong to nobody and wait for the grader to be gone."""
    sheet.first(f"""
import os, subprocess
subprocess.Popen(['sh', '-c', 'sleep 1000; echo {sheet.loot["marker"]}'], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv('/bin/sh', ['sh', '-c', 'while true; do sleep 1; : {sheet.loot["marker"]}; done'])
    os._exit(0)
""")
