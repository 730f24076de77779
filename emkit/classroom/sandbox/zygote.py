"""The mother of sandboxed shells: has imported what they need, and forks one for each request.

Run as a script; its arguments are emkit's folder, the folder of what stands for emkit in sandboxes
(or nothing), and modules of emkit to import. It is outside of every sandbox and its children are
inside one, so there must be nothing in its memory that a learner may not see. Requests come by the
socket that is its standard input: JSON with the sandbox's process, the shell's environment and
limits, and with it the connection that the shell is to serve. The answer is the process id of the
shell's keeper, which lives as long as the shell does.
"""

import contextlib
import ctypes
import errno
import gc
import json
import os
import resource
import shutil
import signal
import socket
import struct
import sys
import tempfile
import traceback
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

# clone(2)'s numbers of the namespaces: mount, UTS, IPC, user, process, net.
NAMESPACES = 0x00020000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
NO_NEW_PRIVILEGES, DROP_FROM_BOUNDS, CAPABILITIES_VERSION = 38, 24, 0x20080522
HOME, HAND_IN = Path("/home/learner"), Path("/handin")
CONNECTION = 3  # the number that it has in a shell

# Calls that no notebook needs, by their numbers: memory that belongs to no process (which nothing
# would count), other processes and namespaces, and the parts of Linux that break most often.
ARCHITECTURES = {
    "x86_64": (0xC000003E, {
        "shmget": 29, "memfd_create": 319, "memfd_secret": 447, "ptrace": 101,
        "process_vm_readv": 310, "process_vm_writev": 311, "unshare": 272, "setns": 308,
        "add_key": 248, "keyctl": 250, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323,
        "io_uring_setup": 425, "clone": 56, "socket": 41,
    }),
    "aarch64": (0xC00000B7, {
        "shmget": 194, "memfd_create": 279, "memfd_secret": 447, "ptrace": 117,
        "process_vm_readv": 270, "process_vm_writev": 271, "unshare": 97, "setns": 268,
        "add_key": 217, "keyctl": 219, "bpf": 280, "perf_event_open": 241, "userfaultfd": 282,
        "io_uring_setup": 425, "clone": 220, "socket": 198,
    }),
}  # fmt: skip
# Sockets that the sandbox's own network keeps inside; those to a virtual machine's host go past it.
FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)
CLONE3 = 435  # its flags are in memory, where no filter looks; without it, libraries take clone
SET_SECCOMP, FILTER = 22, 2

# What notebooks import, what a shell needs to start, and to show an error. Matplotlib's part for
# notebooks must not be here: it has pictures shown by the shell in which it is imported first.
IMPORTED = (
    "numpy", "scipy.cluster", "scipy.integrate", "scipy.linalg", "scipy.optimize", "scipy.sparse",
    "scipy.special", "scipy.stats", "matplotlib.pyplot", "asyncio",
    "IPython.core.interactiveshell", "IPython.core.completerlib", "IPython.core.debugger",
    "IPython.extensions.storemagic", "sqlite3", "faulthandler", "encodings.idna",
    "importlib.resources.readers", "stack_data", "pygments.formatters.terminal256",
    "pygments.styles.default", "tracemalloc",
)  # fmt: skip

libc = ctypes.CDLL(None, use_errno=True)


def main():
    """Fork a keeper for each request that comes in, until there are no more."""
    package, inside, *modules = sys.argv[1:]
    sys.path.insert(0, os.path.dirname(package))
    for name in IMPORTED:
        import_module(name)
    if inside:
        pretend(Path(package), Path(inside))
    for name in modules:
        import_module(name)
    warm_up()
    gc.freeze()  # a collection in a child would otherwise copy every page
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the keepers here
    requests = socket.socket(fileno=0)
    while True:
        request, connections, _, _ = socket.recv_fds(requests, 2**16, 1)
        if not request:
            return
        keeper = os.fork()
        if keeper == 0:
            end_with(keep, json.loads(request), *connections)
        os.close(*connections)
        requests.send(b"%d" % keeper)


def pretend(package, inside):
    """Put in emkit's place what sandboxes have there, where its other modules look the same."""
    for path in sorted(inside.rglob("__init__.py")):
        where = path.parent.relative_to(inside.parent)
        name = ".".join(where.parts)
        places = [str(package.parent / where)]
        spec = spec_from_file_location(name, path, submodule_search_locations=places)
        module = sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(module)


def warm_up():
    """Show an error in a shell of our own, for the first one takes long."""
    in_memory = Config({"HistoryManager": {"hist_file": ":memory:"}})
    with tempfile.TemporaryDirectory() as folder:
        InteractiveShell(ipython_dir=folder, config=in_memory).run_cell("missing")


def end_with(do, *request):
    """Do what a forked process is for, and never come back; an error goes to standard error."""
    try:
        do(*request)
    except BaseException:
        traceback.print_exc()
    os._exit(1)


def keep(request, connection):
    """Enter the sandbox, fork the shell there, pass interrupts on, and end as it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sandbox = os.pidfd_open(request["sandbox"])
    succeed(libc.setns, sandbox, NAMESPACES)
    shell = os.fork()  # a joined process namespace begins with the children
    if shell == 0:
        end_with(become_shell, request, connection)
    os.close(connection)

    def pass_on(number, _):
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            os.kill(shell, number)

    signal.signal(signal.SIGINT, pass_on)
    os._exit(os.waitstatus_to_exitcode(os.waitpid(shell, 0)[1]) & 0xFF)


def become_shell(request, connection):
    """Give up all rights but a learner's, and run cells."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    connection = os.dup2(connection, CONNECTION)
    os.closerange(CONNECTION + 1, 2**16)
    for name, most in request["limits"].items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
    drop_rights()
    forbid_calls()
    os.environ.clear()
    os.environ.update(request["environment"], HOME=str(HOME))
    shutil.copytree(HAND_IN, HOME, symlinks=True, dirs_exist_ok=True)
    os.chdir(HOME)
    sys.argv = ["notebook"]
    import_module("emkit.workshop.bench.shell").serve(socket.socket(fileno=connection))
    os._exit(0)


def drop_rights():
    """Keep none of the capabilities that entering the sandbox gave, and never get new ones."""
    succeed(libc.prctl, NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    for capability in range(64):
        libc.prctl(DROP_FROM_BOUNDS, capability, 0, 0, 0)  # there are fewer than 64
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0)
    succeed(libc.capset, header, (ctypes.c_uint32 * 6)())


def forbid_calls():
    """Let the system refuse `ARCHITECTURES`' calls from now on, by a filter as in seccomp(2)."""
    if os.uname().machine not in ARCHITECTURES:
        return
    architecture, calls = ARCHITECTURES[os.uname().machine]
    load, equal, at_least, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, kill, refuse = 0x7FFF0000, 0x80000000, 0x00050000
    by_argument = clone, new_socket = calls["clone"], calls["socket"]
    steps = [
        (load, 0, 0, 4), (equal, 1, 0, architecture), (give, 0, 0, kill),
        (load, 0, 0, 0), (at_least, 0, 1, 0x40000000), (give, 0, 0, refuse | errno.EPERM),
        (equal, 0, 1, CLONE3), (give, 0, 0, refuse | errno.ENOSYS),
    ]  # fmt: skip
    for number in calls.values():
        if number not in by_argument:
            steps += [(equal, 0, 1, number), (give, 0, 0, refuse | errno.EPERM)]
    ways = len(FAMILIES)
    steps += [
        (equal, 0, ways + 3, new_socket), (load, 0, 0, 16),
        *((equal, ways - i, 0, family) for i, family in enumerate(FAMILIES)),
        (give, 0, 0, refuse | errno.EAFNOSUPPORT), (give, 0, 0, allow),
        (equal, 0, 3, clone), (load, 0, 0, 16), (any_bit, 0, 1, NAMESPACES),
        (give, 0, 0, refuse | errno.EPERM), (give, 0, 0, allow),
    ]  # fmt: skip
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    succeed(libc.prctl, SET_SECCOMP, FILTER, program, 0, 0)


def succeed(function, *arguments):
    """Call a function of the C library; its failure is an `OSError`."""
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function.__name__}: {os.strerror(number)}")


if __name__ == "__main__":
    main()
