/* Sources that are one long text, of which every window of `context` tokens is an example.
 *
 * Purpose.  Language models: tokens are bytes or Unicode characters, numbered in the order of their
 * codes over the whole text, so that all parts share one vocabulary. The text is cut into
 * contiguous parts: training, validation, test. The targets of a window are the tokens one further.
 * The windows of a part follow each other without overlap; what is left at its end (less than a
 * window) is not used.
 * Errors.  BASIN_DATA with the file and, where a byte is to blame, its place; BASIN_MEMORY.
 */
#ifndef BASIN_DATA_TEXT_H
#define BASIN_DATA_TEXT_H

#include <stdio.h>
#include "data/dataset.h"

/* Bytes of memory that a byte of text takes: itself, and a token. */
enum { TEXT_MEMORY = 1 + sizeof(uint16_t) };

enum text_units { TEXT_CHARACTERS, TEXT_BYTES };

struct text_settings {
    struct data_settings common;
    const char *path; /* NULL: not from a file */
    enum text_units units;
    int64_t context;
    double train_fraction, validation_fraction;
};

struct windows {
    uint16_t *tokens; /* (token_count) */
    uint32_t *codes;  /* (vocabulary) */
    size_t token_count;
    size_t starts[DATA_PARTS], counts[DATA_PARTS]; /* first token and windows of each part */
};

/* Tokens and windows of a whole text; `name` is what messages call it. On failure the source is to
 * be freed all the same. */
basin_status source_from_text(struct source *source, const unsigned char *data, size_t length,
                              const struct text_settings *settings, const char *name);

/* The bytes of a text, as they are read. */
struct text_bytes {
    unsigned char *data; /* memory_free */
    size_t count, capacity;
};
/* A pipe to its end, which must come within `most` bytes. */
basin_status text_read_pipe(FILE *pipe, const char *name, size_t most, struct text_bytes *bytes);
basin_status text_fail(const char *file, const char *hint, const char *message);

extern const char *const text_unit_choices[];

#define TEXT_WINDOWS(name, member, text)                                                           \
    {                                                                                              \
        .key = name, SETTING(struct data_settings, member), .type = SCHEMA_COUNT,                  \
        .stage = DATA_VIEW, .unit = "windows", .minimum = 1, .maximum = 1e9, .fallback = "all",    \
        .doc = text                                                                                \
    }

#define TEXT_ROWS                                                                                  \
    {.key = "units",                                                                               \
     SETTING(struct text_settings, units),                                                         \
     .type = SCHEMA_CHOICE,                                                                        \
     .choices = text_unit_choices,                                                                 \
     .fallback = "characters",                                                                     \
     .doc = "What a token is: a Unicode character, or a byte.",                                    \
     .aliases = (const char *const[]){"tokens", NULL}},                                            \
        {.key = "context",                                                                         \
         SETTING(struct text_settings, context),                                                   \
         .type = SCHEMA_INTEGER,                                                                   \
         .unit = "tokens",                                                                         \
         .minimum = 1,                                                                             \
         .maximum = 65536,                                                                         \
         .fallback = "128",                                                                        \
         .doc = "Tokens per window. A window is one example, and the next token is predicted at "  \
                "each of its positions.",                                                          \
         .aliases =                                                                                \
             (const char *const[]){"context_length", "sequence_length", "block_size", NULL}},      \
        {.key = "train_fraction",                                                                  \
         SETTING(struct text_settings, train_fraction),                                            \
         .type = SCHEMA_FLOAT,                                                                     \
         .unit = "1",                                                                              \
         .minimum = 0,                                                                             \
         .maximum = 1,                                                                             \
         .flags = SCHEMA_OPEN_MINIMUM,                                                             \
         .fallback = "0.9",                                                                        \
         .doc = "Share of the text, from its beginning, that is used for training."},              \
        {.key = "validation_fraction",                                                             \
         SETTING(struct text_settings, validation_fraction),                                       \
         .type = SCHEMA_FLOAT,                                                                     \
         .unit = "1",                                                                              \
         .minimum = 0,                                                                             \
         .maximum = 1,                                                                             \
         .fallback = "0.05",                                                                       \
         .doc = "Share after that which is used for validation; the rest is the test part."},      \
        TEXT_WINDOWS("train_size", train_size,                                                     \
                     "Training windows: the first ones of the training part."),                    \
        TEXT_WINDOWS("test_size", test_size, "Test windows: the first ones of the test part.")

#endif
