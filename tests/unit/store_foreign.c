/* store/foreign.c: whatever a child does that reads a file, its parent goes on, with what was read
 * or with an error that names the file. */
#include "store/foreign.h"
#include "store_helpers.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

TestSuite(foreign, .timeout = 60);

typedef basin_status reader(const void *context, void *result, int shared);

static basin_status read_by(reader *read, int *result, int *shared)
{
    static const int context = 7;
    struct foreign foreign = {.path = "data.h5",
                              .library = "libhdf5",
                              .read = read,
                              .context = &context,
                              .result_size = sizeof *result,
                              .seconds = 1};
    *result = -1;
    return foreign_read(&foreign, result, shared);
}

static void expect_refused(reader *read, const char *what)
{
    int result, shared;
    cr_assert_eq(read_by(read, &result, &shared), BASIN_DATA, "%s", what);
    cr_assert_eq(shared, -1);
    cr_assert_eq(result, -1, "what a child left that crashed is not taken");
    cr_assert(strstr(basin_error_last()->message, "data.h5: libhdf5 "), "%s",
              basin_error_last()->message);
    cr_assert(strstr(basin_error_last()->message, what), "\"%s\" is not in \"%s\"", what,
              basin_error_last()->message);
    cr_assert_str_eq(basin_error_last()->file, "data.h5");
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "a child is left");
}

static const char *second_file(const void *context)
{
    return *(const int *)context == 7 ? "second.png" : "another";
}

static basin_status crashes_at_second(const void *context, void *result, int shared)
{
    (void)context, (void)result, (void)shared;
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
    return BASIN_OK;
}

Test(foreign, of_several_files_the_one_at_fault_is_named)
{
    static const int context = 7;
    int result, shared;
    struct foreign foreign = {.path = "folder",
                              .at = second_file,
                              .library = "libpng",
                              .read = crashes_at_second,
                              .context = &context,
                              .result_size = sizeof result};
    cr_assert_eq(foreign_read(&foreign, &result, &shared), BASIN_DATA);
    cr_assert(strstr(basin_error_last()->message, "second.png: libpng crashed"));
    cr_assert_str_eq(basin_error_last()->file, "second.png");
}

static basin_status reads(const void *context, void *result, int shared)
{
    *(int *)result = *(const int *)context + 1;
    return write(shared, "bytes", 5) == 5 ? BASIN_OK : BASIN_IO;
}

Test(foreign, what_the_child_read_comes_back)
{
    int result, shared;
    char bytes[8] = "";
    OK(read_by(reads, &result, &shared));
    cr_assert_eq(result, 8);
    cr_assert_eq(pread(shared, bytes, sizeof bytes, 0), 5);
    cr_assert_str_eq(bytes, "bytes");
    close(shared);
}

static basin_status refuses(const void *context, void *result, int shared)
{
    (void)context, (void)result, (void)shared;
    error_raise(BASIN_DATA, "no dataset");
    error_hint("there is another");
    error_byte("data.h5", 12);
    return BASIN_DATA;
}

Test(foreign, its_errors_are_those_of_the_caller)
{
    int result, shared;
    cr_assert_eq(read_by(refuses, &result, &shared), BASIN_DATA);
    cr_assert_str_eq(basin_error_last()->message, "no dataset");
    cr_assert_str_eq(basin_error_last()->hint, "there is another");
    cr_assert_eq(basin_error_last()->byte, 12);
}

static basin_status die_by(int number)
{
    signal(number, SIG_DFL);
    raise(number);
    return BASIN_OK;
}

static basin_status faults(const void *context, void *result, int shared)
{
    (void)context, (void)result, (void)shared;
    return die_by(SIGSEGV);
}

static basin_status divides(const void *context, void *result, int shared)
{
    (void)context, (void)result, (void)shared;
    return die_by(SIGFPE);
}

static basin_status aborts(const void *context, void *result, int shared)
{
    (void)context, (void)shared;
    *(int *)result = 3;
    fprintf(stderr, "corrupted size vs. prev_size\n"); /* is not seen */
    return die_by(SIGABRT);
}

static basin_status ends(const void *context, void *result, int shared)
{
    (void)context, (void)result, (void)shared;
    _exit(0);
}

static basin_status is_killed(const void *context, void *result, int shared)
{
    (void)context, (void)result, (void)shared;
    return die_by(SIGKILL);
}

static basin_status makes_no_sense(const void *context, void *result, int shared)
{
    (void)context, (void)result, (void)shared;
    return (basin_status)12345;
}

Test(foreign, a_crash_is_an_error)
{
    expect_refused(faults, "crashed");
    expect_refused(divides, "crashed");
    expect_refused(aborts, "crashed");
    expect_refused(ends, "crashed");
    expect_refused(makes_no_sense, "crashed");
    expect_refused(is_killed, "was killed");
}

static basin_status loops(const void *context, void *result, int shared)
{
    (void)context, (void)result, (void)shared;
    for (volatile unsigned i = 0;; i++)
        if (i == 1) i = 0;
    return BASIN_OK;
}

static basin_status sleeps(const void *context, void *result, int shared)
{
    (void)context, (void)result, (void)shared;
    for (;;) pause();
    return BASIN_OK;
}

Test(foreign, a_hang_is_an_error)
{
    expect_refused(loops, "had not read it after 1 seconds");
    expect_refused(sleeps, "had not read it after 6 seconds");
}

/* In the child. */
static basin_status looks(const void *context, void *result, int shared)
{
    struct rlimit core, cpu;
    (void)context, (void)shared;
    getrlimit(RLIMIT_CORE, &core);
    getrlimit(RLIMIT_CPU, &cpu);
    *(int *)result = core.rlim_cur == 0 && cpu.rlim_cur == 1;
    return BASIN_OK;
}

/* ---- locks of other threads ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t is_held, may_end;
static int held_ms; /* 0: until the test is over */

static void *hold(void *context)
{
    pthread_mutex_lock(&lock);
    sem_post(&is_held);
    if (held_ms)
        nanosleep(&(struct timespec){.tv_nsec = held_ms * 1000000L}, NULL);
    else
        sem_wait(&may_end);
    pthread_mutex_unlock(&lock);
    return context;
}

static basin_status needs_the_lock(const void *context, void *result, int shared)
{
    (void)context, (void)shared;
    pthread_mutex_lock(&lock);
    *(int *)result = 5;
    pthread_mutex_unlock(&lock);
    return BASIN_OK;
}

static basin_status read_while_held(int ms, int *result)
{
    pthread_t holder;
    int shared;
    held_ms = ms;
    sem_init(&is_held, 0, 0);
    sem_init(&may_end, 0, 0);
    pthread_create(&holder, NULL, hold, NULL);
    sem_wait(&is_held);
    basin_status status = read_by(needs_the_lock, result, &shared);
    sem_post(&may_end);
    pthread_join(holder, NULL);
    if (shared >= 0) close(shared);
    return status;
}

Test(foreign, a_child_that_a_lock_keeps_out_is_made_again)
{
    int result;
    cr_assert_eq(read_while_held(300, &result), BASIN_OK, "%s", basin_error_last()->message);
    cr_assert_eq(result, 5);
}

Test(foreign, a_lock_that_is_always_held_is_an_error)
{
    int result;
    cr_assert_eq(read_while_held(0, &result), BASIN_IO);
    cr_assert(strstr(basin_error_last()->message, "waited for a lock"), "%s",
              basin_error_last()->message);
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "a child is left");
}

Test(foreign, limits_are_of_the_child_alone)
{
    struct rlimit before[2], after[2];
    int result, shared;
    getrlimit(RLIMIT_CORE, &before[0]);
    getrlimit(RLIMIT_CPU, &before[1]);
    OK(read_by(looks, &result, &shared));
    close(shared);
    cr_assert_eq(result, 1);
    getrlimit(RLIMIT_CORE, &after[0]);
    getrlimit(RLIMIT_CPU, &after[1]);
    cr_assert_arr_eq(before, after, sizeof before);
}

Test(foreign, an_ignored_sigchld_changes_nothing)
{
    int result, shared;
    signal(SIGCHLD, SIG_IGN);
    OK(read_by(reads, &result, &shared));
    close(shared);
    expect_refused(faults, "crashed");
}
