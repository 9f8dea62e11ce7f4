#include "study/known.h"

#include <string.h>
#include "run/provenance.h"
#include "spec/value_json.h"

enum { KNOWN_DIVERGED = 1, KNOWN_FOREIGN = 2, KNOWN_LACKS_WEIGHTS = 4, KNOWN_MOST = 7 };

basin_status known_open(struct arena *arena, const char *folder, struct cache **cache)
{
    const char *build = provenance_build();
    return cache_open(arena, folder, "gaps", hash_bytes(build, strlen(build)), cache);
}

/* What the answer depends on beside the result. */
static struct digest digest_wishes(const struct run_settings *settings)
{
    static const char *const blocks[] = {"measures", "weights"};
    struct text wishes = {0};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        const struct value *block = value_find(settings->spec, blocks[i]);
        if (block) json_value(&wishes, block);
        text_append(&wishes, "\n");
    }
    struct digest digest = hash_bytes(text_data(&wishes), wishes.length);
    if (wishes.failed) digest = (struct digest){0};
    text_free(&wishes);
    return digest;
}

bool known_take(struct cache *cache, const char *file, const struct run_settings *settings,
                struct study_run *run)
{
    struct cursor piece;
    if (!cache_find(cache, file, &piece)) return false;
    if (!digest_equal(cache_take_digest(&piece), digest_wishes(settings))) return false;
    uint64_t how = cache_take_number(&piece), missing = cache_take_number(&piece);
    double seconds = cache_take_double(&piece);
    const char *other = cache_take_text(&piece);
    if (piece.failed || piece.left || how > KNOWN_MOST || missing > INT32_MAX) return false;
    struct ledger_entry *known = &run->known;
    *known = (struct ledger_entry){.id = known->id, .seconds = seconds};
    known->state = known->files = how & KNOWN_DIVERGED ? LEDGER_DIVERGED : LEDGER_FINISHED;
    known->foreign = how & KNOWN_FOREIGN;
    run->lacks_weights = how & KNOWN_LACKS_WEIGHTS;
    run->missing_measures = (int)missing;
    run->other_measures = other;
    return true;
}

void known_keep(struct cache *cache, const struct run_settings *settings,
                const struct study_run *run)
{
    const struct ledger_entry *known = &run->known;
    struct text piece = {0};
    bool diverged = known->files == LEDGER_DIVERGED;
    if (!cache || known->reason || (!diverged && known->files != LEDGER_FINISHED)) return;
    cache_put_digest(&piece, digest_wishes(settings));
    cache_put_number(&piece, (diverged ? KNOWN_DIVERGED : 0u) |
                                 (known->foreign ? KNOWN_FOREIGN : 0u) |
                                 (run->lacks_weights ? KNOWN_LACKS_WEIGHTS : 0u));
    cache_put_number(&piece, (uint64_t)run->missing_measures);
    cache_put_double(&piece, known->seconds);
    cache_put_text(&piece, run->other_measures);
    cache_keep(cache, &piece);
    text_free(&piece);
}
