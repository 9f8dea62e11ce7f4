/* The header of a checkpoint (src/folder/checkpoint.h) and its state (src/base/state.h), in a
 * record as a damaged or foreign file with a right digest might hold it: any type, any count,
 * anything missing. What libhdf5 makes of bytes has no part in it: the trailer, which is checked
 * first, is in result.c.
 *
 * The input is a list of items; each begins with a byte that says what it is. */
#include <math.h>
#include "base/state.h"
#include "fuzz.h"
#include "folder/checkpoint.h"

enum { ITEMS_MOST = 32, ELEMENTS_MOST = 9, TEXT_MOST = 40 };

static const char id[] = "0123456789abcdef", build[] = "00112233445566778899aabbccddeeff";
static const char *const header[] = {"run_id", "build", "serial", "epoch", "step", "other"};
static const char *const fields[] = {"step", "w", "loss", "order", "optimizer/m", "note"};

enum { HEADER = sizeof header / sizeof *header, FIELDS = sizeof fields / sizeof *fields };

static const char *a_text(struct input *input, char out[TEXT_MOST])
{
    int kind = input_byte(input) % 4;
    if (kind == 0) return id;
    if (kind == 1) return build;
    size_t length = input_byte(input) % TEXT_MOST;
    for (size_t i = 0; i < length; i++) out[i] = (char)input_byte(input);
    out[length] = 0;
    return out;
}

struct content {
    enum record_type type;
    size_t count;
    union {
        float narrow[ELEMENTS_MOST];
        double wide[ELEMENTS_MOST];
        int64_t integers[ELEMENTS_MOST];
        uint8_t bytes[ELEMENTS_MOST];
        const char *texts[ELEMENTS_MOST];
    };
    char room[ELEMENTS_MOST][TEXT_MOST];
};

static void a_content(struct input *input, struct content *content, int types,
                      const enum record_type *choice)
{
    uint8_t shape = input_byte(input);
    content->type = choice[shape % types];
    content->count = shape / types % ELEMENTS_MOST;
    for (size_t i = 0; i < (content->count ? content->count : 1); i++) switch (content->type) {
        case RECORD_FLOAT32:
            content->narrow[i] = (float)input_number(input, 2);
            break;
        case RECORD_FLOAT64:
            content->wide[i] = (double)input_number(input, 8);
            break;
        case RECORD_INTEGER:
            content->integers[i] = (int64_t)input_number(input, 8);
            break;
        case RECORD_BYTE:
            content->bytes[i] = input_byte(input);
            break;
        case RECORD_TEXT:
            content->texts[i] = a_text(input, content->room[i]);
            break;
        }
}

static void put_attribute(struct record *record, struct input *input)
{
    static const enum record_type types[] = {RECORD_FLOAT64, RECORD_INTEGER, RECORD_TEXT};
    const char *name = header[input_byte(input) % HEADER];
    struct content content;
    a_content(input, &content, 3, types);
    CHECK(record_attribute_add(record, record->items, name, content.type, content.count,
                               content.wide) == BASIN_OK);
}

/* False where there is such an item already. */
static void put_item(struct record *record, struct input *input)
{
    static const enum record_type types[] = {RECORD_FLOAT32, RECORD_FLOAT64, RECORD_INTEGER,
                                             RECORD_BYTE, RECORD_TEXT};
    char path[64];
    struct content content;
    snprintf(path, sizeof path, "/state/%s", fields[input_byte(input) % FIELDS]);
    bool there = record_find(record, path) != NULL;
    a_content(input, &content, 5, types);
    size_t dims[1] = {content.count};
    basin_status status = record_add(record, path, content.type, content.count ? 1 : 0, dims, NULL,
                                     content.wide, NULL);
    CHECK((status == BASIN_OK) == !there);
}

static void put_group(struct record *record, struct input *input)
{
    char path[64];
    snprintf(path, sizeof path, "/state/%s", fields[input_byte(input) % FIELDS]);
    if (!record_find(record, path)) CHECK(record_group(record, path, NULL) == BASIN_OK);
}

static bool is_integer(const struct record *record, const char *name, int64_t value)
{
    const struct record_attribute *attribute = record_attribute_find(record->items, name);
    return attribute && attribute->type == RECORD_INTEGER && attribute->count == 0 &&
           *(const int64_t *)attribute->data == value;
}

static bool is_text(const struct record *record, const char *name, const char *text)
{
    const struct record_attribute *attribute = record_attribute_find(record->items, name);
    return attribute && attribute->type == RECORD_TEXT && attribute->count == 0 &&
           strcmp(*(const char *const *)attribute->data, text) == 0;
}

/* Restoring takes what has the type and the size, and what is saved again is then the same. */
static void restore(struct record *record, struct arena *arena)
{
    struct record *again;
    struct state from = {.record = record}, to = {.save = true};
    float w[3];
    int64_t step, order[5];
    double loss;
    const char *note;
    CHECK(record_create(arena, &again) == BASIN_OK);
    to.record = again;
    bool is_step = state_integer(&from, "step", &step) == BASIN_OK;
    bool is_w = state_array(&from, "w", RECORD_FLOAT32, 3, w) == BASIN_OK;
    bool is_order = state_array(&from, "order", RECORD_INTEGER, 5, order) == BASIN_OK;
    bool is_loss = state_float(&from, "loss", &loss) == BASIN_OK;
    bool is_note = state_text(&from, "note", arena, &note) == BASIN_OK;
    if (is_step) CHECK(state_integer(&to, "step", &step) == BASIN_OK);
    if (is_w) CHECK(state_array(&to, "w", RECORD_FLOAT32, 3, w) == BASIN_OK);
    if (is_order) CHECK(state_array(&to, "order", RECORD_INTEGER, 5, order) == BASIN_OK);
    if (is_loss) CHECK(state_float(&to, "loss", &loss) == BASIN_OK);
    if (is_note) CHECK(state_text(&to, "note", arena, &note) == BASIN_OK);
    for (struct record_item *item = again->items; item; item = item->next) {
        const struct record_item *before = record_find(record, item->path);
        if (item->is_group) continue;
        CHECK(before && before->type == item->type && record_count(before) == record_count(item));
        if (item->type != RECORD_TEXT)
            CHECK(memcmp(before->data, item->data,
                         record_count(item) * record_element_size(item->type)) == 0);
        else
            CHECK(strcmp(*(const char *const *)before->data, *(const char *const *)item->data) ==
                  0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct arena *arena;
    struct record *record;
    int64_t serial = -1, epoch = -1, step = -1;
    CHECK(arena_create(&arena) == BASIN_OK && record_create(arena, &record) == BASIN_OK);
    for (int i = 0; i < ITEMS_MOST && input.left > 0; i++) {
        int what = input_byte(&input) % 4;
        if (what < 2)
            put_attribute(record, &input);
        else if (what == 2)
            put_item(record, &input);
        else
            put_group(record, &input);
    }
    bool usable = checkpoint_header(record, id, build, &serial, &epoch, &step);
    CHECK(!usable || (is_text(record, "run_id", id) && is_text(record, "build", build)));
    CHECK(!usable || (is_integer(record, "serial", serial) && is_integer(record, "epoch", epoch) &&
                      is_integer(record, "step", step)));
    restore(record, arena);
    arena_destroy(arena);
    return 0;
}
