/* What the fuzz targets share. A target is one function on bytes, called by libFuzzer
 * (scripts/fuzz) or once for each file of its corpus (replay.c, in every build):
 *
 *     int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
 *
 * It ends the process where a promise is broken, and not only where memory is misused: see CHECK.
 * Its first bytes may choose among ways of reading the rest, so that one corpus serves them all.
 */
#ifndef BASIN_TESTS_FUZZ_H
#define BASIN_TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(holds)                                                                               \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #holds);                    \
            __builtin_trap();                                                                      \
        }                                                                                          \
    } while (0)

/* The input from its front; zeros behind its end. */
struct input {
    const uint8_t *at;
    size_t left;
};

static inline uint8_t input_byte(struct input *input)
{
    if (input->left == 0) return 0;
    input->left--;
    return *input->at++;
}

static inline uint64_t input_number(struct input *input, int bytes)
{
    uint64_t number = 0;
    while (bytes-- > 0) number = number << 8 | input_byte(input);
    return number;
}

#endif
