/* folder/claim.c: one holder at a time; claims of the dead are free, those of other hosts as long
 * as they are touched. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/process.h"
#include "folder/claim.h"

#define RUN "0123456789abcdef"
#define OK(call) cr_assert_eq((call), BASIN_OK, "%s: %s", #call, basin_error_last()->message)

static char folder[64], file[128], who[CLAIM_WHO];

static void start(void)
{
    char path[128];
    snprintf(folder, sizeof folder, "/tmp/basin-claim-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/claims", folder);
    cr_assert_eq(mkdir(path, 0777), 0);
    snprintf(file, sizeof file, "%s/claims/" RUN, folder);
}

static void stop(void)
{
    char command[160];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(claim, .init = start, .fini = stop, .timeout = 60);

static void write_claim(const char *text, long age)
{
    FILE *out = fopen(file, "w");
    struct timespec times[2] = {{0}, {0}};
    cr_assert_not_null(out);
    fputs(text, out);
    fclose(out);
    clock_gettime(CLOCK_REALTIME, &times[0]);
    times[0].tv_sec -= age;
    times[1] = times[0];
    cr_assert_eq(utimensat(AT_FDCWD, file, times, 0), 0);
}

static bool inherited;

static bool is_held(struct claims *claims)
{
    enum claim claim;
    OK(claims_take(claims, RUN, &claim, who));
    inherited = claim == CLAIM_INHERITED;
    return claim == CLAIM_HELD;
}

Test(claim, one_holder_at_a_time)
{
    struct claims *first, *second;
    char expected[64];
    OK(claims_create(folder, &first));
    OK(claims_create(folder, &second));
    cr_assert_not(is_held(first));
    cr_assert(is_held(second));
    snprintf(expected, sizeof expected, "process %ld", (long)getpid());
    cr_assert_not_null(strstr(who, expected), "%s", who);
    claims_release(first, RUN);
    cr_assert_neq(access(file, F_OK), 0);
    cr_assert_not(is_held(second));
    claims_destroy(second); /* gives back what it holds */
    cr_assert_neq(access(file, F_OK), 0);
    cr_assert_not(is_held(first));
    claims_destroy(first);
}

Test(claim, what_dead_processes_held_is_free)
{
    struct claims *claims;
    char host[256], text[400];
    OK(claims_create(folder, &claims));
    process_host(host, sizeof host);
    snprintf(text, sizeof text, "%s 4194301 1\n", host); /* above the largest number of a process */
    write_claim(text, 0);
    cr_assert_not(claim_is_held(folder, RUN, NULL));
    cr_assert_not(is_held(claims));
    cr_assert(inherited);
    claims_release(claims, RUN);
    cr_assert_not(is_held(claims));
    cr_assert_not(inherited);
    claims_release(claims, RUN);
    snprintf(text, sizeof text, "%s %ld 1\n", host,
             (long)getpid()); /* our number, of a process that was started at another time */
    write_claim(text, 0);
    cr_assert_not(is_held(claims));
    cr_assert(inherited);
    cr_assert_not(claim_is_held(folder, RUN, NULL)); /* it is ours */
    claims_destroy(claims);
}

/* What anybody may have written: no process has such a number, or it says nothing of when it
 * started and nobody has touched it for longer than the lease. */
Test(claim, impossible_processes_hold_nothing)
{
    static const char *const owners[] = {
        "0 0", "0 1",          "-1 0",          "-1 1", "4294967297 1",
        "1 0", "4294967297 0", "-4294967295 1", "1 -1", "99999999999999999999 7"};
    struct claims *claims;
    char host[256], text[400], here[PROCESS_INSTANCE];
    OK(claims_create(folder, &claims));
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++) {
        snprintf(text, sizeof text, "%s %s %s\n", process_host(host, sizeof host), owners[i],
                 process_instance(here));
        write_claim(text, CLAIM_LEASE + 5);
        cr_assert_not(claim_is_held(folder, RUN, NULL), "%s", owners[i]);
        cr_assert_not(is_held(claims), "%s", owners[i]);
        claims_release(claims, RUN);
        bool may_be = strcmp(owners[i], "1 0") == 0; /* there is such a process */
        write_claim(text, 0);
        cr_assert_eq(is_held(claims), may_be, "%s", owners[i]);
        if (!may_be) claims_release(claims, RUN);
    }
    claims_destroy(claims);
}

/* Nothing waits for one, and nothing is written through one. */
Test(claim, what_is_no_file_is_no_claim, .timeout = 20)
{
    struct claims *claims;
    enum claim claim;
    char lock[160], victim[160], name[CLAIM_HOLDER];
    OK(claims_create(folder, &claims));
    cr_assert_eq(mkfifo(file, 0666), 0);
    cr_assert_eq(claims_take(claims, RUN, &claim, who), BASIN_IO);
    cr_assert(strstr(basin_error_last()->message, "FIFO"), "%s", basin_error_last()->message);
    cr_assert_not(claim_is_held(folder, RUN, NULL));
    cr_assert_not(claim_holder(folder, RUN, name));
    claims_tidy(claims);
    cr_assert_eq(unlink(file), 0);
    cr_assert_eq(mkdir(file, 0777), 0);
    cr_assert_eq(claims_take(claims, RUN, &claim, who), BASIN_IO);
    cr_assert(strstr(basin_error_last()->message, "a folder"), "%s", basin_error_last()->message);
    cr_assert_eq(rmdir(file), 0);
    snprintf(lock, sizeof lock, "%s/claims/.lock", folder);
    snprintf(victim, sizeof victim, "%s/victim", folder);
    unlink(lock);
    cr_assert_eq(symlink(victim, lock), 0);
    cr_assert_eq(claims_take(claims, RUN, &claim, who), BASIN_IO);
    cr_assert(strstr(basin_error_last()->message, "a symbolic link"), "%s",
              basin_error_last()->message);
    cr_assert_neq(access(victim, F_OK), 0);
    cr_assert_eq(unlink(lock), 0);
    cr_assert_not(is_held(claims));
    claims_destroy(claims);
}

/* A process that keeps it for ever: who is asked to stop does not wait for that. */
Test(claim, waiting_for_the_lock_ends_on_the_stop_flag, .timeout = 30)
{
    static _Atomic bool stop;
    struct claims *claims;
    enum claim claim;
    char lock[160];
    OK(claims_create(folder, &claims));
    claims_heed(claims, &stop);
    cr_assert_not(is_held(claims));
    claims_release(claims, RUN);
    snprintf(lock, sizeof lock, "%s/claims/.lock", folder);
    int other = open(lock, O_RDWR);
    cr_assert_eq(flock(other, LOCK_EX), 0);
    stop = true;
    cr_assert_eq(claims_take(claims, RUN, &claim, who), BASIN_INTERRUPTED);
    close(other);
    cr_assert_not(is_held(claims), "a lock that is free is taken all the same");
    claims_destroy(claims);
}

/* A copy of the folder may have been made of hard links: neither stops the other. */
Test(claim, the_lock_may_have_several_names)
{
    struct claims *claims;
    char lock[160], copy[160];
    OK(claims_create(folder, &claims));
    cr_assert_not(is_held(claims));
    claims_release(claims, RUN);
    snprintf(lock, sizeof lock, "%s/claims/.lock", folder);
    snprintf(copy, sizeof copy, "%s/copy", folder);
    cr_assert_eq(link(lock, copy), 0);
    cr_assert_not(is_held(claims));
    claims_destroy(claims);
    cr_assert_neq(access(file, F_OK), 0);
}

/* A claim is text of others: what no host is called names nobody. */
Test(claim, holders_can_be_printed)
{
    char name[CLAIM_HOLDER];
    write_claim("\x1b[31mred 5 1\n", 0);
    cr_assert(claim_holder(folder, RUN, name));
    cr_assert_str_eq(name, "unknown");
    write_claim("other.host 5 1\n", 0);
    cr_assert(claim_holder(folder, RUN, name));
    cr_assert_str_eq(name, "other.host-5");
}

Test(claim, what_is_left_is_inherited)
{
    struct claims *first, *second;
    OK(claims_create(folder, &first));
    OK(claims_create(folder, &second));
    cr_assert_not(is_held(first));
    claims_leave(first, RUN);
    cr_assert_not(claim_is_held(folder, RUN, NULL));
    cr_assert_not(is_held(second));
    cr_assert(inherited);
    claims_leave(second, RUN);
    cr_assert_not(is_held(second), "also by the one that left it");
    cr_assert(inherited);
    claims_release(second, RUN);
    cr_assert_not(is_held(second));
    cr_assert_not(inherited);
    claims_destroy(second);
    claims_destroy(first);
}

Test(claim, tidying_keeps_what_says_something)
{
    struct claims *claims;
    char host[256], text[400], path[160];
    OK(claims_create(folder, &claims));
    process_host(host, sizeof host);
    snprintf(text, sizeof text, "%s 4194301 1\n", host);
    write_claim(text, 0);
    claims_tidy(claims);
    cr_assert_eq(access(file, F_OK), 0, "its run has no result");
    snprintf(path, sizeof path, "%s/runs", folder);
    cr_assert_eq(mkdir(path, 0777), 0);
    snprintf(path, sizeof path, "%s/runs/" RUN ".h5", folder);
    fclose(fopen(path, "w"));
    claims_tidy(claims);
    cr_assert_neq(access(file, F_OK), 0);
    cr_assert_not(is_held(claims));
    claims_tidy(claims);
    cr_assert_eq(access(file, F_OK), 0, "it is held");
    claims_destroy(claims);
}

Test(claim, a_journal_tells_whose_claim_it_is)
{
    char host[256], text[400], writer[300];
    process_host(host, sizeof host);
    snprintf(text, sizeof text, "%s %ld 0\n", host, (long)getppid());
    snprintf(writer, sizeof writer, "%s-%ld", host, (long)getppid());
    write_claim(text, 0);
    cr_assert(claim_is_held(folder, RUN, NULL));
    cr_assert(claim_is_held(folder, RUN, writer));
    cr_assert_not(claim_is_held(folder, RUN, "elsewhere-1"));
}

Test(claim, containers_of_one_name_are_other_hosts)
{
    struct claims *claims;
    char host[256], text[400];
    OK(claims_create(folder, &claims));
    process_host(host, sizeof host);
    snprintf(text, sizeof text, "%s 4194301 1 another-boot/pid:[1]\n", host);
    write_claim(text, 0);
    cr_assert(is_held(claims));
    cr_assert(claim_is_held(folder, RUN, NULL));
    write_claim(text, CLAIM_LEASE + 5);
    cr_assert_not(claim_is_held(folder, RUN, NULL));
    cr_assert_not(is_held(claims));
    claims_destroy(claims);
}

Test(claim, other_hosts_have_a_lease)
{
    struct claims *claims;
    OK(claims_create(folder, &claims));
    write_claim("elsewhere.example 1 1\n", CLAIM_LEASE / 2);
    cr_assert(is_held(claims));
    cr_assert_not_null(strstr(who, "elsewhere.example, process 1"), "%s", who);
    write_claim("elsewhere.example 1 1\n", CLAIM_LEASE + 5);
    cr_assert_not(is_held(claims));
    claims_release(claims, RUN);
    write_claim("", 0); /* made, and not yet written */
    cr_assert(is_held(claims));
    claims_destroy(claims);
}

Test(claim, a_folder_that_is_not_there_is_an_error)
{
    struct claims *claims;
    enum claim claim;
    OK(claims_create("/tmp/basin-no-such-folder", &claims));
    cr_assert_eq(claims_take(claims, RUN, &claim, who), BASIN_IO);
    cr_assert_not_null(strstr(basin_error_last()->message, "/tmp/basin-no-such-folder/claims"));
    claims_destroy(claims);
}
