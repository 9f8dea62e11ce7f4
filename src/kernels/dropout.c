/* Dropout by Philox4x32-10 (Salmon et al., SC 2011). Many blocks are computed side by side so that
 * the compiler can use vectors; the numbers equal those of base/random.h, bit for bit. */
#include "kernels/kernels.h"

#include <math.h>
#include "base/random.h"

enum { BLOCKS = 32, WORDS = 4 * BLOCKS };

static void philox_round(uint32_t x[4][BLOCKS], uint32_t key0, uint32_t key1)
{
    for (int i = 0; i < BLOCKS; i++) {
        uint64_t p = (uint64_t)0xD2511F53u * x[0][i], q = (uint64_t)0xCD9E8D57u * x[2][i];
        uint32_t next0 = (uint32_t)(q >> 32) ^ x[1][i] ^ key0,
                 next2 = (uint32_t)(p >> 32) ^ x[3][i] ^ key1;
        x[0][i] = next0;
        x[1][i] = (uint32_t)q;
        x[2][i] = next2;
        x[3][i] = (uint32_t)p;
    }
}

/* The words of BLOCKS blocks, starting with block `first`. */
static void philox_words(const struct random *random, uint32_t first, uint32_t *words)
{
    uint32_t x[4][BLOCKS], key0 = (uint32_t)random->seed, key1 = (uint32_t)(random->seed >> 32);
    for (int i = 0; i < BLOCKS; i++) {
        x[0][i] = first + (uint32_t)i;
        x[1][i] = random->minor;
        x[2][i] = random->major;
        x[3][i] = random->stream;
    }
    for (int round = 0; round < 10; round++, key0 += 0x9E3779B9u, key1 += 0xBB67AE85u)
        philox_round(x, key0, key1);
    for (int i = 0; i < BLOCKS; i++)
        for (int word = 0; word < 4; word++) words[4 * i + word] = x[word][i];
}

#define PRECISION 32
#include "kernels/precision.h"
#include "kernels/dropout.h"
#undef PRECISION
#define PRECISION 64
#include "kernels/precision.h"
#include "kernels/dropout.h"
