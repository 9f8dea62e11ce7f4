/* Dropout masks, for one precision: 0 with probability `rate`, else 1 / (1 - rate). size: elements,
 * ordinal; number: rate. */
void NAME(dropout_mask)(const struct kernel_task *task, void *out, const void *const *in)
{
    const struct kernel_random *key = in[0];
    struct random random =
        random_make(key->seed, STREAM_DROPOUT, (uint32_t)task->size[1], key->step);
    int64_t n = task->size[0];
    uint32_t words[WORDS];
    double rate = task->number;
    REAL kept = (REAL)(1 / (1 - rate));
    uint64_t threshold = (uint64_t)ceil(rate * 0x1p32); /* word / 2^32 < rate */
    REAL *y = out;
    for (int64_t start = 0; start < n; start += WORDS) {
        philox_words(&random, (uint32_t)(start / 4), words);
        int64_t length = n - start < WORDS ? n - start : WORDS;
        for (int64_t j = 0; j < length; j++) y[start + j] = words[j] < threshold ? 0 : kept;
    }
}
