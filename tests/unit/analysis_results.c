/* analysis/results.c and results_piece.c: a record comes back as it was, from the cache as from the
 * file. */
#include "analysis/results.h"
#include "study_helpers.h"

#include <math.h>
#include <time.h>
#include "analysis/results_piece.h"
#include "folder/cache.h"
#include "folder/folder.h"
#include "store/store.h"

static struct arena *arena;

static void start(void)
{
    folder_make();
    OK(arena_create(&arena));
    OK(store_make_folder(in_folder("runs")));
}

static void stop(void)
{
    arena_destroy(arena);
    folder_remove();
}

TestSuite(results, .init = start, .fini = stop, .timeout = 60);

/* ---- equal records ---- */

static bool same_values(enum record_type type, size_t count, const void *a, const void *b)
{
    if (type != RECORD_TEXT) return memcmp(a, b, count * record_element_size(type)) == 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(((const char *const *)a)[i], ((const char *const *)b)[i]) != 0) return false;
    return true;
}

static void check_attributes(const struct record_item *a, const struct record_item *b)
{
    const struct record_attribute *x = a->attributes, *y = b->attributes;
    for (; x && y; x = x->next, y = y->next) {
        cr_assert_str_eq(x->name, y->name);
        cr_assert(x->type == y->type && x->count == y->count, "%s %s", a->path, x->name);
        cr_assert(same_values(x->type, x->count ? x->count : 1, x->data, y->data), "%s %s", a->path,
                  x->name);
    }
    cr_assert(!x && !y, "%s", a->path);
}

static void check_item(const struct record_item *a, const struct record_item *b)
{
    cr_assert_str_eq(a->path, b->path);
    cr_assert(a->is_group == b->is_group && a->type == b->type && a->rank == b->rank, "%s",
              a->path);
    for (int i = 0; i < a->rank; i++) {
        cr_assert_eq(a->dims[i], b->dims[i]);
        cr_assert_str_eq(a->axes[i], b->axes[i]);
    }
    cr_assert(!a->data == !b->data);
    if (a->data) cr_assert(same_values(a->type, record_count(a), a->data, b->data), "%s", a->path);
    check_attributes(a, b);
}

static bool is_array(const struct record_item *item)
{
    static const char *const groups[] = {"/curves", "/steps", "/tracked", "/measures"};
    for (size_t i = 0; item && i < sizeof groups / sizeof *groups; i++)
        if (strncmp(item->path, groups[i], strlen(groups[i])) == 0) return true;
    return false;
}

static const struct record_item *next_array(const struct record_item *item)
{
    while (item && !is_array(item)) item = item->next;
    return item;
}

/* Equal in the groups that are kept; how many arrays and groups that are. */
static int check_arrays(const struct record *a, const struct record *b)
{
    int count = 0;
    for (int omitted = 0; omitted < 2; omitted++) {
        const struct record_item *x = next_array(omitted ? a->omitted : a->items),
                                 *y = next_array(omitted ? b->omitted : b->items);
        for (; x && y; count++, x = next_array(x->next), y = next_array(y->next)) check_item(x, y);
        cr_assert(!x && !y);
    }
    return count;
}

/* ---- pieces ---- */

/* Everything that a record can have, in its order. */
static struct record *make_record(void)
{
    static const char *const axes[] = {"epoch"}, *const plane[] = {"row", ""},
                             *const words[] = {"one", "", "Zürich"};
    const double epochs[] = {0, 1, 2.5}, losses[] = {NAN, -0.0, 1e-300};
    const float narrow[] = {1.5f, INFINITY, -2, 3, 4, 5};
    const int64_t whole[] = {INT64_MIN, 0, 7};
    const uint8_t bytes[] = {0, 255, 3};
    struct record *record;
    struct record_item *item;
    OK(record_create(arena, &record));
    OK(record_text(record, "/spec", "study: a", NULL));
    OK(record_add(record, "/curves/epoch", RECORD_FLOAT64, 1, &(size_t){3}, axes, epochs, NULL));
    OK(record_add(record, "/curves/loss", RECORD_FLOAT64, 1, &(size_t){3}, axes, losses, &item));
    OK(record_attribute_text(record, item, "units", "nats"));
    OK(record_attribute_float(record, item, "error", 0.1));
    OK(record_attribute_integer(record, item, "count", -3));
    OK(record_attribute_add(record, item, "names", RECORD_TEXT, 3, words));
    OK(record_attribute_add(record, item, "range", RECORD_FLOAT64, 2, losses));
    OK(record_group(record, "/tracked/top", &item));
    OK(record_attribute_text(record, item, "options", "{k: 2}"));
    OK(record_add(record, "/tracked/top/plane", RECORD_FLOAT32, 2, (size_t[]){2, 3}, plane, narrow,
                  NULL));
    OK(record_add(record, "/measures/whole", RECORD_INTEGER, 1, &(size_t){3}, NULL, whole, NULL));
    OK(record_add(record, "/measures/bytes", RECORD_BYTE, 1, &(size_t){3}, NULL, bytes, NULL));
    OK(record_add(record, "/measures/words", RECORD_TEXT, 1, &(size_t){3}, NULL, words, NULL));
    OK(record_add(record, "/measures/none", RECORD_FLOAT64, 1, &(size_t){0}, NULL, losses, NULL));
    OK(record_float(record, "/measures/number", 0.1, &item));
    OK(record_omit(record, "/measures/large", RECORD_FLOAT64, 1, &(size_t){1 << 20}, NULL));
    OK(record_omit(record, "/weights/final/large", RECORD_FLOAT64, 1, &(size_t){1 << 20}, NULL));
    OK(record_omit(record, "/measures/larger", RECORD_FLOAT32, 2, (size_t[]){9, 1 << 20}, plane));
    return record;
}

static struct cache *open_cache(void)
{
    struct cache *cache;
    OK(cache_open(arena, folder, "kind", (struct digest){1, 2}, &cache));
    cr_assert(cache);
    return cache;
}

static bool read_piece(struct cache *cache, const char *bytes, size_t length, struct record **back)
{
    struct piece_heads heads = {.arena = arena};
    struct cursor at = {(const uint8_t *)bytes, length, false};
    bool is_good;
    OK(piece_read(cache, &heads, &at, arena, back, &is_good));
    return is_good;
}

Test(results, a_piece_is_the_record)
{
    struct record *record = make_record(), *back;
    struct cache *cache = open_cache();
    struct text piece = {0};
    piece_write(cache, record, &piece);
    cr_assert_not(piece.failed);
    cr_assert(read_piece(cache, piece.data, piece.length, &back));
    cr_assert_eq(check_arrays(record, back), 14);
    cr_assert(!record_find(back, "/spec"));
    text_free(&piece);
}

/* A cache whose digest is right may hold anything: it is used whole or not at all. */
Test(results, a_piece_that_is_none_is_refused)
{
    struct record *record = make_record(), *back;
    struct cache *cache = open_cache();
    struct text piece = {0};
    piece_write(cache, record, &piece);
    for (size_t cut = 0; cut < piece.length; cut++)
        cr_assert_not(read_piece(cache, piece.data, cut, &back), "%zu bytes", cut);
    for (size_t i = 0; i < piece.length; i++)
        for (int bit = 0; bit < 8; bit++) {
            char *bytes = arena_text_n(arena, "", 0);
            cr_assert(bytes && (bytes = arena_allocate(arena, piece.length)));
            memcpy(bytes, piece.data, piece.length);
            bytes[i] = (char)(bytes[i] ^ 1 << bit);
            (void)read_piece(cache, bytes, piece.length,
                             &back); /* ends, and touches nothing else */
        }
    uint32_t word = cache_word(cache, "no head", 7);
    char none[] = {1, (char)word};
    cr_assert_not(read_piece(cache, none, sizeof none, &back));
    text_free(&piece);
}

Test(results, shortage_of_memory)
{
    struct record *record = make_record(), *back;
    struct text whole = {0};
    piece_write(open_cache(), record, &whole);
    for (long n = 1;; n++) {
        struct cache *cache = open_cache();
        struct piece_heads heads = {.arena = arena};
        struct text piece = {0};
        bool is_good = false;
        basin_status status = BASIN_OK;
        memory_fail_at(n);
        piece_write(cache, record, &piece);
        struct cursor at = {(const uint8_t *)text_data(&piece), piece.length, false};
        if (!piece.failed) status = piece_read(cache, &heads, &at, arena, &back, &is_good);
        bool is_done = memory_fail_left() > 0;
        memory_fail_at(0);
        cr_assert(is_done ? is_good && piece.length == whole.length
                          : piece.failed || (status == BASIN_MEMORY && !is_good));
        text_free(&piece);
        if (is_done) break;
    }
    text_free(&whole);
}

/* ---- files ---- */

static const char studies[] = "study: two\n"
                              "dataset: {name: mnist1d, train_size: 20, test_size: 10}\n"
                              "architecture: linear\n"
                              "training: {epochs: 2, batch_size: 20}\n"
                              "measures: {weight_norm: {}, hessian_top: {k: 2, every: 1}}\n";

static char *train_one(void)
{
    struct study *study;
    struct study_run run;
    struct runner_outcome outcome;
    OK(open_text(studies, &study));
    OK(folder_prepare(study->folder));
    OK(study_look_again(study, &study->runs[0], &run));
    OK(study_train(study, &run, &(struct run_terms){0}, &outcome));
    char *file = arena_format(arena, "%s/runs/%s.h5", study->folder, run.id);
    study_close(study);
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL); /* what is new is not kept */
    return file;
}

static void check_file(struct results *results, const char *file)
{
    struct record *whole, *arrays;
    OK(store_load(file, arena, &whole));
    OK(results_arrays(results, file, arena, &arrays));
    cr_assert_gt(check_arrays(whole, arrays), 10);
}

/* From the file, from what was kept of it, and from another file at its place. */
Test(results, are_those_of_the_file)
{
    char *file = train_one();
    struct results *results;
    struct record *record;
    OK(results_create(arena, &results));
    check_file(NULL, file);
    check_file(results, file);
    check_file(results, file);
    OK(results_arrays(results, file, arena, &record));
    cr_assert(!record_find(record, "/spec"), "it is taken from the file again");
    OK(store_load(file, arena, &record));
    struct record_item *loss = record_find(record, "/curves/train_loss");
    cr_assert(loss);
    ((double *)loss->data)[0] = 77;
    OK(store_save(record, file));
    check_file(results, file);
    cr_assert_eq(remove(file), 0);
    cr_assert_neq(results_arrays(results, file, arena, &record), BASIN_OK);
}

/* A result that is read for its row is not read again for its arrays and its state. */
Test(results, one_reading_is_enough)
{
    char *file = train_one(), *slash = strstr(file, "/runs/");
    char *study = arena_text_n(arena, file, (size_t)(slash - file));
    struct results *results;
    struct record *record;
    struct cursor piece;
    OK(results_create(arena, &results));
    OK(results_read(results, file, arena, &record));
    cr_assert(record_find(record, "/spec"));
    OK(results_arrays(results, file, arena, &record));
    cr_assert(!record_find(record, "/spec"), "it is read again");
    const struct ledger_reader reader = results_reader(results, study);
    cr_assert(reader.states && cache_find(reader.states, file, &piece));
    struct ledger *ledger;
    OK(ledger_read(arena, study, &reader, &ledger));
    cr_assert_eq(ledger->counts[LEDGER_FINISHED], 1);
}

/* Long curves are there, other large arrays are omitted. */
Test(results, long_curves_are_read)
{
    enum { LONG = RESULTS_ELEMENTS + 1 };
    static const char *const step[] = {"step"}, *const index[] = {"index"};
    char *file = train_one();
    struct record *record;
    struct results *results;
    double *values = arena_array(arena, double, LONG);
    int64_t *steps = arena_array(arena, int64_t, LONG);
    OK(store_load(file, arena, &record));
    for (int i = 0; i < LONG; i++) values[i] = (double)(steps[i] = i);
    OK(record_add(record, "/steps/step", RECORD_INTEGER, 1, &(size_t){LONG}, step, steps, NULL));
    OK(record_add(record, "/steps/batch_loss", RECORD_FLOAT64, 1, &(size_t){LONG}, step, values,
                  NULL));
    OK(record_add(record, "/measures/mine/long", RECORD_FLOAT64, 1, &(size_t){LONG}, index, values,
                  NULL));
    OK(store_save(record, file));
    OK(results_create(arena, &results));
    for (int i = 0; i < 2; i++) {
        OK(results_arrays(results, file, arena, &record));
        struct record_item *loss = record_find(record, "/steps/batch_loss");
        cr_assert(loss && record_count(loss) == LONG && record_number(loss, LONG - 1) == LONG - 1);
        cr_assert(!record_find(record, "/measures/mine/long"));
        cr_assert(record->omitted && strcmp(record->omitted->path, "/measures/mine/long") == 0);
        nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    }
}
