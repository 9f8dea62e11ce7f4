/* The reader of specs: YAML tree, `base`, --set, schema, values, identity, and the printing of what
 * is wrong.
 *
 * The input is the text of a file; what follows a zero byte is a --set (at most four). Of a spec
 * that is accepted every run that is looked at is written out as result files hold it (/spec) and
 * read again: it must be one run with the same id. */
#include "specs.h"

enum { RUNS_MOST = 64, LOOKED_AT = 2 };

/* The text, and behind each zero byte a --set. */
static size_t split(char *text, size_t size, const char *sets[SETS_MOST], size_t *set_count)
{
    size_t length = strlen(text);
    *set_count = 0;
    for (size_t at = length + 1; at <= size && *set_count < SETS_MOST; at += strlen(text + at) + 1)
        sets[(*set_count)++] = text + at;
    return length;
}

/* A run as its own spec. */
static void check_written(const struct value *run, const char *id)
{
    struct text text = {0};
    struct reading again;
    struct value *same;
    char other[17];
    value_print_block(&text, run, 0);
    CHECK(text_status(&text) == BASIN_OK);
    reading_open(&again, text_data(&text), text.length, NULL, 0, 1);
    CHECK(again.spec && again.spec->run_count == 1);
    CHECK(reading_run(&again, 0, &same, other) && strcmp(id, other) == 0);
    reading_close(&again);
    text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *sets[SETS_MOST];
    size_t set_count;
    struct reading reading;
    char *text = malloc(size + 1);
    CHECK(text);
    memcpy(text, data, size);
    text[size] = 0;
    size_t length = split(text, size, sets, &set_count);
    reading_open(&reading, text, length, sets, set_count, RUNS_MOST);
    for (size_t i = 0; reading.spec && i < reading.spec->run_count && i < LOOKED_AT; i++) {
        struct value *run;
        char id[17];
        if (reading_run(&reading, i, &run, id)) check_written(run, id);
    }
    reading_close(&reading);
    free(text);
    return 0;
}
