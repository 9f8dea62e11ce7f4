/* Memory runs out at every nth allocation of a command: hunger [COMMAND] (BASIN_EXHAUSTIVE=1: every
 * allocation).
 *
 * The commands that make a finding of results: each ends with status 3 and says that there is no
 * memory, leaving no file; or what it could not keep was of no consequence, and it prints and
 * writes what it does with enough memory. Nothing leaks. */
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/arena.h"
#include "cli/command.h"
#include "folder/folder.h"
#include "graph/cache.h"
#include "run/machine.h"
#include "store/file.h"

enum { WORDS = 12, TRIALS = 40 };

static const char spec[] =
    "study: hunger\n"
    "dataset: {name: mnist1d, train_size: 60, test_size: 30}\n"
    "architecture: {type: mlp, hidden: [4]}\n"
    "training: {batch_size: 20, epochs: 2}\n"
    "measures: {weight_norm: {}}\n"
    "sweep: {grid: {regularizers.weight_decay: [0.0, 0.1], training.optimizer.learning_rate: "
    "[0.1, 0.2]}}\n"
    "seeds: 2\n"
    "across: {summary: {}, rank: {}}\n"
    "expect:\n  - {claim: it trains, value: mean(curves.train_loss, from: 0.5), below: 9}\n";

static const struct {
    const char *name, *file; /* what it writes; NULL: nothing. A page has the time in it */
    const char *words[WORDS];
} hungry[] = {
    {"compare", NULL, {"compare", "a", "b", "-f", "csv"}},
    {"compare-text", NULL, {"compare", "a", "b"}},
    {"rank", NULL, {"rank", "a", "-f", "csv"}},
    {"rank-text", NULL, {"rank", "a"}},
    {"summary", NULL, {"table", "a", "--across", "summary", "-f", "csv"}},
    {"claims", NULL, {"table", "a", "--claims"}},
    {"mean", NULL, {"table", "a", "b", "--mean", "-f", "json"}},
    {"running", NULL, {"table", "a", "--running", "--group-by", "seed"}},
    {"status", NULL, {"status", "a"}},
    {"watch", NULL, {"watch", "a"}},
    {"collect", "study.h5", {"collect", "a", "-o", "study.h5"}},
    {"report", "page.html", {"report", "a", "-o", "page.html"}},
    {"export", "own.npz", {"export", "one.h5", "--to", "npz", "-o", "own.npz"}},
    {"export-csv", "own.csv", {"export", "one.h5", "--to", "csv", "-o", "own.csv"}},
    {"completion", NULL, {"completion", "zsh"}},
};

static char folder[] = "/tmp/basin-hunger-XXXXXX";

__attribute__((format(printf, 1, 2))) static void give_up(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\nleft in %s\n", folder);
    fflush(stdout);
    _exit(1);
}

/* ---- a command, and what came out ---- */

static void send_to(int target, const char *name, int *kept)
{
    int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    *kept = dup(target);
    if (file < 0 || *kept < 0 || dup2(file, target) < 0) give_up("no %s", name);
    close(file);
}

static void give_back(int target, int kept)
{
    dup2(kept, target);
    close(kept);
}

/* Runs it with "out" and "err" for its outputs; memory fails at the n-th allocation (0: never). */
static int run_command(const char *const *words, long n, bool *failed)
{
    char *all[WORDS + 1] = {(char *)(size_t) "basin"};
    int count = 1, out, err;
    for (; words[count - 1]; count++) all[count] = (char *)(size_t)words[count - 1];
    fflush(stdout);
    send_to(STDOUT_FILENO, "out", &out);
    send_to(STDERR_FILENO, "err", &err);
    memory_fail_at(n);
    int status = command_main(count, all);
    *failed = n && memory_fail_left() == 0;
    memory_fail_at(0);
    fflush(stdout);
    give_back(STDERR_FILENO, err);
    give_back(STDOUT_FILENO, out);
    return status;
}

static struct text content(const char *name)
{
    struct text text = {0};
    uint8_t *bytes;
    size_t length;
    if (file_read(name, &bytes, &length) != BASIN_OK) return text;
    text_append_n(&text, (const char *)bytes, length);
    memory_free(bytes);
    return text;
}

static bool same_content(const char *name, const struct text *expected)
{
    struct text found = content(name);
    bool timed = strstr(name, ".html") != NULL;
    bool same = found.length == expected->length &&
                (timed || !found.length || memcmp(found.data, expected->data, found.length) == 0);
    text_free(&found);
    return same;
}

static size_t held(void)
{
    memory_peak_start();
    return memory_peak();
}

/* ---- shortage ---- */

struct reference {
    int status;
    struct text out, file;
};

static bool says(const char *name, const char *words)
{
    struct text text = content(name);
    bool found = strstr(text_data(&text), words) != NULL;
    text_free(&text);
    return found;
}

/* A result that could not be read for want of memory is one run that failed, in lists of runs and
 * on a page; all else is there. */
static bool names_unreadable(const char *file)
{
    return says("out", "out of memory") || says("out", ", 1 failed") ||
           (file && says(file, "out of memory"));
}

static void check_trial(size_t which, long n, int status, const struct reference *reference)
{
    const char *file = hungry[which].file;
    bool refused = status == 3 && says("err", "memory");
    bool whole = status == reference->status && same_content("out", &reference->out) &&
                 (!file || same_content(file, &reference->file));
    if (!refused && !whole && !names_unreadable(file))
        give_up("%s, allocation %ld: exit %d, and other content", hungry[which].name, n, status);
    if (refused && file && access(file, F_OK) == 0 && !whole)
        give_up("%s, allocation %ld: it left %s", hungry[which].name, n, file);
}

static void starve(size_t which, bool exhaustive)
{
    const char *const *words = hungry[which].words, *file = hungry[which].file;
    struct reference reference = {0};
    bool failed;
    for (int i = 0; i < 2; i++) { /* what is kept for the next time is kept */
        if (file) unlink(file);
        reference.status = run_command(words, 0, &failed);
    }
    reference.out = content("out");
    if (file) reference.file = content(file);
    if (reference.status > 1 || (file && !reference.file.length))
        give_up("%s: exit %d without shortage", hungry[which].name, reference.status);
    if (file) unlink(file);
    run_command(words, LONG_MAX, &failed);
    if (!same_content("out", &reference.out) || (file && !same_content(file, &reference.file)))
        give_up("%s: it is not the same twice", hungry[which].name);
    if (file) unlink(file);
    memory_fail_at(0);
    size_t before = held();
    long trials = 0, step = 1;
    for (long n = 1;; n += step, trials++) {
        int status = run_command(words, n, &failed);
        if (!failed) break;
        check_trial(which, n, status, &reference);
        if (file) unlink(file);
        if (held() > before)
            give_up("%s, allocation %ld: %zu bytes are kept", hungry[which].name, n,
                    held() - before);
        if (!exhaustive && trials >= TRIALS / 2) step = 1 + n / (TRIALS / 4);
    }
    printf("%s: %ld shortages\n", hungry[which].name, trials);
    if (trials < 10) give_up("%s: only %ld allocations", hungry[which].name, trials);
    text_free(&reference.out);
    text_free(&reference.file);
}

static void make_studies(void)
{
    static const char *const runs[][WORDS] = {
        {"run", "a.yaml", "-o", "a", "--no-collect"},
        {"run", "a.yaml", "-o", "b", "--no-collect", "--set", "training.epochs=3"}};
    bool failed;
    if (!mkdtemp(folder) || chdir(folder) != 0 ||
        store_write_file("a.yaml", spec, strlen(spec)) != BASIN_OK)
        give_up("no folder");
    for (size_t i = 0; i < 2; i++)
        if (run_command(runs[i], 0, &failed) != 0) give_up("a study failed");
    if (system("cp $(ls a/runs/*.h5 | head -n 1) one.h5") != 0) give_up("no result");
}

int main(int count, char **words)
{
    const char *exhaustive = getenv("BASIN_EXHAUSTIVE");
    memory_start();
    if (machine_prepare_worker() != BASIN_OK) give_up("no worker");
    make_studies();
    for (size_t i = 0; i < sizeof hungry / sizeof *hungry; i++)
        if (count < 2 || strcmp(words[1], hungry[i].name) == 0)
            starve(i, exhaustive && strcmp(exhaustive, "1") == 0);
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? 0 : 1;
}
