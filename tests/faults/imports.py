"""What porttrace and libbpf take from the C library, and what of it can fail."""
import os
import re
import subprocess

# Values into values, what only tells or advises, and what the kernel does not refuse.
CANNOT_FAIL = re.compile(r"""
    _ITM_.* | __cxa_finalize | __gmon_start__ | __libc_start_main | __stack_chk_fail | __assert_fail |
    __errno_location | __ctype_.* | __tls_get_addr | _?exit | stderr | getenv | abort |
    (__)?(mem|str|xpg_str|stp)[a-z_]*(_chk)? | rawmemchr | __xpg_basename | dirname | qsort |
    (__)?v?s?n?printf(_chk)? | (__isoc99_)?sscanf | dcgettext |
    inet_(ntop|pton) | gmtime_r | localtime_r | time | clock_get(res|time) | uname | sysconf |
    get(e?[ug]id|p?pid|pgrp|pagesize) | isatty | dirfd | sig(add|empty|fill)(set)? | raise |
    __libc_current_sigrt(max|min) | posix_spawnattr_set[a-z]+ | posix_spawn[a-z_]*_destroy |
    pthread_(join|sigmask|attr_[a-z]+) | madvise | mallopt | malloc_trim | free | munmap | fflush | feof | endmntent | signal |
    lseek |
    (__)?(v?f|vd)?printf(_chk)? | fputc | fputs | fwrite | puts |
    inflate(End|Reset)? | deflate(End)? | elf_version | elf_kind | elf_errmsg
    """, re.X)

# By commands other than trace and run, by options that need them, or of files that libbpf alone writes.
NOT_HERE = re.compile(r"""
    (get|set|end)serv[a-z_]* | getpw(nam|uid) | getgrouplist | set(groups|resgid|resuid) |
    if_(indextoname|nametoindex) | tcgetpgrp | tcdrain | gz(open64|gets|close) |
    __realpath_chk | mkdir | unlink | statfs64 | fchmod | pwrite | msync | mremap |
    posix_fallocate | inflateInit_ | deflateInit_
    """, re.X)


def symbols(path, which):
    listing = subprocess.run(["nm", "-D", which, path], capture_output=True, text=True, check=True)
    return {line.split()[-1].split("@")[0] for line in listing.stdout.splitlines()}


def libraries(program):
    listing = subprocess.run(["ldd", program], capture_output=True, text=True, check=True)
    return [path for path in re.findall(r"=> (\S+)", listing.stdout)
            if os.path.basename(path).startswith(("libbpf", "libelf"))]


def unknown_imports(program, interpose):
    """Those that are neither interposed nor known not to matter."""
    own = symbols(interpose, "--defined-only")
    wanted, there = symbols(program, "--undefined-only"), set()
    for library in libraries(program):
        wanted |= symbols(library, "--undefined-only")
        there |= symbols(library, "--defined-only")
    return sorted(name for name in wanted - own - there
                  if not CANNOT_FAIL.fullmatch(name) and not NOT_HERE.fullmatch(name))
