#include "store/foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"

/* Seconds of CPU: far more than reading takes, so that only a loop reaches them. A disk may be
 * slow: more on the clock. */
enum { CPU_SECONDS = 20, BYTES_PER_SECOND = 4 << 20, CLOCK_FACTOR = 6, WHOLE = 0x600d };

/* Bytes that libhdf5 may take for a file, beside its arrays. */
enum { FOREIGN_MEMORY = 512 << 20 };

/* Children that are made while none of them gets past a lock. */
enum { ATTEMPTS = 5 };

enum arrival { RECEIVED, LATE, LOCKED_OUT };

/* What the child says in the end; without it the child has crashed. It fits into a pipe. */
struct outcome {
    basin_status status;
    basin_error error;
    unsigned char result[FOREIGN_RESULT];
    int whole;
};

/* ---- the child ---- */

/* Only the soft limit: that of CPU time is then told by SIGXCPU; the hard one would be SIGKILL. */
static void limit(int resource, rlim_t most)
{
    struct rlimit now;
    if (getrlimit(resource, &now) != 0) return;
    if (now.rlim_max < most) most = now.rlim_max;
    if (now.rlim_cur < most) most = now.rlim_cur;
    now.rlim_cur = most;
    setrlimit(resource, &now);
}

static rlim_t ceiling = RLIM_INFINITY; /* what this process may map itself; set in the child */

/* What is mapped at this moment, and so many bytes more. */
void foreign_allow(double bytes)
{
#ifndef __SANITIZE_ADDRESS__ /* maps terabytes */
    char text[32] = "";
    struct rlimit now;
    unsigned long long pages = 0;
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    bool is_read =
        file >= 0 && read(file, text, sizeof text - 1) > 0 && sscanf(text, "%llu", &pages) == 1;
    if (file >= 0) close(file);
    if (!is_read || getrlimit(RLIMIT_AS, &now) != 0) return;
    double most = (double)pages * (double)sysconf(_SC_PAGESIZE) + FOREIGN_MEMORY + bytes;
    now.rlim_cur = most < (double)ceiling ? (rlim_t)most : ceiling;
    setrlimit(RLIMIT_AS, &now);
#else
    (void)bytes;
#endif
}

/* Its parent is told to stop, not it; and it ends with its parent. Crashes are for the parent to
 * see, and what the C library says of corrupted memory is for nobody. */
static void come_loose(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ};
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) signal(deadly[i], SIG_DFL);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int stream = 0; nothing >= 0 && stream <= STDERR_FILENO; stream++) dup2(nothing, stream);
}

static _Noreturn void child(const struct foreign *foreign, unsigned seconds, int shared, int pipe)
{
    struct outcome outcome = {.whole = WHOLE};
    come_loose();
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, seconds);
    struct rlimit memory;
    if (getrlimit(RLIMIT_AS, &memory) == 0) ceiling = memory.rlim_cur;
    foreign_allow(0);
    outcome.status = foreign->read(foreign->context, outcome.result, shared);
    outcome.error = *basin_error_last();
    ssize_t written = write(pipe, &outcome, sizeof outcome);
    _exit(written == sizeof outcome ? 0 : 1); /* no handlers of exit: they belong to the parent */
}

/* ---- the parent ---- */

/* A child has one thread. Where it waits for a lock, another thread of the parent held that lock
 * when the child was made, and no thread of the child will ever give it back. The C library takes
 * its own locks around fork; the allocator of a sanitizer, and other libraries, need not. */
static bool is_locked_out(pid_t pid)
{
    char path[64], text[32] = "";
    snprintf(path, sizeof path, "/proc/%ld/syscall", (long)pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (file >= 0) close(file);
    return length > 0 && strtol(text, NULL, 10) == SYS_futex; /* "running" counts as 0, a read */
}

/* Until all is there, or the child has ended (RECEIVED), or it will never end. */
static enum arrival receive(pid_t pid, int pipe, double seconds, struct outcome *outcome)
{
    size_t done = 0;
    for (double end = clock_seconds() + seconds; done < sizeof *outcome;) {
        struct pollfd wait = {.fd = pipe, .events = POLLIN};
        double left = end - clock_seconds();
        if (left <= 0) return LATE;
        int ready = poll(&wait, 1, (int)(fmin(left, 1) * 1000) + 1);
        if (ready < 0 && errno != EINTR) return LATE;
        if (ready == 0 && is_locked_out(pid)) return LOCKED_OUT;
        if (ready <= 0) continue;
        ssize_t n = read(pipe, (char *)outcome + done, sizeof *outcome - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        done += (size_t)n;
    }
    if (done < sizeof *outcome) outcome->whole = 0; /* it lies at the end */
    return RECEIVED;
}

static int reap(pid_t pid)
{
    int state = 0;
    while (waitpid(pid, &state, 0) < 0)
        if (errno != EINTR) return 0; /* SIGCHLD is ignored: its end is not told */
    return state;
}

static basin_status foreign_refuse(const struct foreign *foreign, const char *what)
{
    const char *path = foreign->at ? foreign->at(foreign->context) : foreign->path;
    error_raise(BASIN_DATA, "%s: %s %s: the file is damaged, or not of a kind that can be read",
                path, foreign->library, what);
    error_place(path, 0, 0);
    error_hint("make it again, or copy it again from where it came");
    return BASIN_DATA;
}

/* The file is not at fault. */
static basin_status refuse_locked_out(const struct foreign *foreign)
{
    error_raise(BASIN_IO,
                "cannot read %s: each of %d processes made for %s waited for a lock that "
                "another thread had held",
                foreign->path, ATTEMPTS, foreign->library);
    error_hint("start the program again");
    return BASIN_IO;
}

/* What the child left, and how it ended. */
static basin_status judge(const struct foreign *foreign, struct outcome *outcome,
                          enum arrival arrival, unsigned seconds, int state)
{
    char slow[64];
    int by = WIFSIGNALED(state) ? WTERMSIG(state) : 0;
    snprintf(slow, sizeof slow, "had not read it after %u seconds",
             arrival == LATE ? seconds * CLOCK_FACTOR : seconds);
    if (arrival == LOCKED_OUT) return refuse_locked_out(foreign);
    if (arrival == LATE || by == SIGXCPU) return foreign_refuse(foreign, slow);
    if (by == SIGKILL)
        return foreign_refuse(foreign,
                              "was killed while it read it, perhaps because memory is short");
    if (state != 0 || outcome->whole != WHOLE)
        return foreign_refuse(foreign, "crashed while it read it");
    if (outcome->status == BASIN_OK) return BASIN_OK;
    basin_error *error = &outcome->error;
    bool is_known =
        error->status == BASIN_DATA || error->status == BASIN_MEMORY || error->status == BASIN_IO;
    if (!is_known || error->status != outcome->status)
        return foreign_refuse(foreign, "crashed while it read it");
    error->file[sizeof error->file - 1] = error->message[sizeof error->message - 1] =
        error->hint[sizeof error->hint - 1] = 0;
    return error_restore(error);
}

static basin_status foreign_fail(const char *path, const char *what)
{
    return error_raise(BASIN_IO, "cannot read %s: %s: %s", path, what, strerror(errno));
}

static unsigned seconds_for(const struct foreign *foreign)
{
    struct stat about = {0};
    if (foreign->seconds) return foreign->seconds;
    stat(foreign->path, &about);
    return CPU_SECONDS + (unsigned)(about.st_size / BYTES_PER_SECOND);
}

/* `*arrival` LOCKED_OUT: this child had no chance; the next one may have. */
static basin_status read_in_one(const struct foreign *foreign, int shared, void *result,
                                enum arrival *arrival)
{
    struct outcome outcome = {0};
    int ends[2];
    unsigned seconds = seconds_for(foreign);
    *arrival = RECEIVED;
    if (pipe2(ends, O_CLOEXEC) != 0) return foreign_fail(foreign->path, "no pipe");
    pid_t pid = fork();
    if (pid == 0) child(foreign, seconds, shared, ends[1]);
    int reason = errno;
    close(ends[1]);
    if (pid > 0) *arrival = receive(pid, ends[0], (double)seconds * CLOCK_FACTOR, &outcome);
    close(ends[0]);
    errno = reason;
    if (pid < 0) return foreign_fail(foreign->path, "no process for it");
    if (*arrival != RECEIVED) kill(pid, SIGKILL);
    basin_status status = judge(foreign, &outcome, *arrival, seconds, reap(pid));
    if (status == BASIN_OK) memcpy(result, outcome.result, foreign->result_size);
    return status;
}

static basin_status read_with(const struct foreign *foreign, int shared, void *result)
{
    basin_status status = BASIN_OK;
    enum arrival arrival = LOCKED_OUT;
    for (int attempt = 0; attempt < ATTEMPTS && arrival == LOCKED_OUT; attempt++)
        status = read_in_one(foreign, shared, result, &arrival);
    return status;
}

basin_status foreign_read(const struct foreign *foreign, void *result, int *shared)
{
    *shared = memfd_create("basin", MFD_CLOEXEC);
    if (*shared < 0) return foreign_fail(foreign->path, "no memory to share");
    basin_status status = read_with(foreign, *shared, result);
    if (status == BASIN_OK) return BASIN_OK;
    close(*shared);
    *shared = -1;
    return status;
}
