/* base/error.c: one structured last error a thread, fixed storage, exit statuses of the table. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "base/error.h"

Test(error, nothing_has_failed_yet)
{
    const basin_error *last = basin_error_last();
    cr_assert_eq(last->status, BASIN_OK);
    cr_assert_str_eq(last->message, "");
    cr_assert_eq(last->byte, -1);
}

Test(error, raising_clears_place_and_hint)
{
    error_raise(BASIN_DATA, "first");
    error_place("a.yaml", 3, 7);
    error_hint("try %s", "again");
    error_byte("b.gz", 99);
    cr_assert_str_eq(basin_error_last()->file, "b.gz");
    cr_assert_eq(basin_error_last()->line, 3);
    cr_assert_eq(basin_error_last()->column, 7);
    cr_assert_eq(basin_error_last()->byte, 99);
    cr_assert_str_eq(basin_error_last()->hint, "try again");
    cr_assert_eq(error_raise(BASIN_IO, "second %d", 2), BASIN_IO);
    cr_assert_eq(basin_error_last()->status, BASIN_IO);
    cr_assert_str_eq(basin_error_last()->message, "second 2");
    cr_assert_str_eq(basin_error_last()->hint, "");
    cr_assert_str_eq(basin_error_last()->file, "");
    cr_assert_eq(basin_error_last()->line, 0);
    cr_assert_eq(basin_error_last()->byte, -1);
}

Test(error, prefixes_stand_before_the_message_and_everything_is_cut_to_fit)
{
    error_raise(BASIN_DATA, "no such column");
    error_prefix("dataset \"%s\"", "x");
    cr_assert_str_eq(basin_error_last()->message, "dataset \"x\": no such column");
    char longer[5000];
    memset(longer, 'a', sizeof longer);
    longer[sizeof longer - 1] = 0;
    error_raise(BASIN_DATA, "%s", longer);
    cr_assert_eq(strlen(basin_error_last()->message), sizeof basin_error_last()->message - 1);
    error_prefix("%s", longer);
    error_hint("%s", longer);
    error_place(longer, 1, 1);
    cr_assert_eq(strlen(basin_error_last()->message), sizeof basin_error_last()->message - 1);
    cr_assert_eq(strlen(basin_error_last()->hint), sizeof basin_error_last()->hint - 1);
    cr_assert_eq(strlen(basin_error_last()->file), sizeof basin_error_last()->file - 1);
}

Test(error, the_last_message_may_be_an_argument_of_the_next)
{
    error_raise(BASIN_IO, "disk full");
    error_raise(BASIN_FAILED, "run 3: %s", basin_error_last()->message);
    cr_assert_str_eq(basin_error_last()->message, "run 3: disk full");
}

static basin_status fails(int value)
{
    TRY(value ? error_raise(BASIN_NUMERIC, "value %d", value) : BASIN_OK);
    return BASIN_FAILED;
}

Test(error, try_forwards_failures_only)
{
    cr_assert_eq(fails(4), BASIN_NUMERIC);
    cr_assert_str_eq(basin_error_last()->message, "value 4");
    cr_assert_eq(fails(0), BASIN_FAILED);
}

static void *other_thread(void *copy)
{
    cr_assert_eq(basin_error_last()->status, BASIN_OK, "a new thread starts without an error");
    error_raise(BASIN_DAMAGED, "in the other thread");
    error_hint("look there");
    *(basin_error *)copy = *basin_error_last();
    return NULL;
}

Test(error, each_thread_has_its_own_and_one_can_be_carried_over)
{
    error_raise(BASIN_SPEC, "here");
    basin_error copy;
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, other_thread, &copy), 0);
    pthread_join(thread, NULL);
    cr_assert_str_eq(basin_error_last()->message, "here");
    cr_assert_eq(error_restore(&copy), BASIN_DAMAGED);
    cr_assert_str_eq(basin_error_last()->message, "in the other thread");
    cr_assert_str_eq(basin_error_last()->hint, "look there");
}

Test(error, exit_statuses_are_those_of_the_command_line)
{
    static const struct {
        basin_status status;
        int code;
        const char *text;
    } expected[] = {{BASIN_OK, 0, "success"},
                    {BASIN_FAILED, 1, "some runs failed"},
                    {BASIN_MEMORY, 3, "out of memory"},
                    {BASIN_NUMERIC, 1, "numerical failure"},
                    {BASIN_DAMAGED, 1, "damaged file"},
                    {BASIN_SPEC, 2, "wrong spec"},
                    {BASIN_USAGE, 2, "wrong usage"},
                    {BASIN_DATA, 3, "wrong or missing data"},
                    {BASIN_IO, 3, "input or output failed"},
                    {BASIN_INTERRUPTED, 130, "interrupted"}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        cr_assert_eq(basin_status_exit(expected[i].status), expected[i].code, "%s",
                     expected[i].text);
        cr_assert_str_eq(basin_status_text(expected[i].status), expected[i].text);
    }
    cr_assert_eq(error_memory(123), BASIN_MEMORY);
    cr_assert(strstr(basin_error_last()->message, "123 bytes"));
    cr_assert(*basin_error_last()->hint);
}

Test(error, what_cannot_be_written_has_a_remedy)
{
    static const struct {
        int reason;
        const char *remedy;
    } cases[] = {{ENOSPC, "free some space"}, {EROFS, "read-only"},  {EACCES, "get the right"},
                 {ENOENT, "no such folder"},  {EIO, "system's log"}, {EBUSY, "-o"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        errno = cases[i].reason;
        cr_assert_eq(error_write("write %s", "a.h5"), BASIN_IO);
        cr_assert(strstr(basin_error_last()->message, "cannot write a.h5: ") ==
                  basin_error_last()->message);
        cr_assert_not_null(strstr(basin_error_last()->message, strerror(cases[i].reason)));
        cr_assert_not_null(strstr(basin_error_last()->hint, cases[i].remedy), "%s",
                           basin_error_last()->hint);
    }
}

Test(error, names_the_key_with_the_blocks_around_it)
{
    error_raise(BASIN_SPEC, "too many");
    error_key("%s", "train_size");
    error_expected("at most %d", 100);
    error_found("%d", 200);
    error_key_block("dataset");
    cr_assert_str_eq(basin_error_last()->key, "dataset.train_size");
    cr_assert_str_eq(basin_error_last()->expected, "at most 100");
    cr_assert_str_eq(basin_error_last()->found, "200");
    error_raise(BASIN_SPEC, "it does not fit");
    cr_assert_str_eq(basin_error_last()->key, "", "a new error has no key");
    cr_assert_str_eq(basin_error_last()->expected, "");
    error_key_block("dataset");
    cr_assert_str_eq(basin_error_last()->key, "dataset", "the block alone");
}
