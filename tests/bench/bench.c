/* The timing program behind scripts/bench:
 *     bench train | cores | hvp                       lines of the table; train and hvp take the
 *         key of one net
 *     bench slice NET SECONDS                         FLOP/s, seconds a step, peak: for the
 *         comparison with PyTorch
 *     bench tiny                                      seconds of training of one run of the tiny
 *         sweep
 *     bench files FOLDER COUNT BYTES THREADS          seconds of so many safe files
 *     bench smoke                                     every part for a moment, as a test
 */
#include "bench.h"

#include <omp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/kernels.h"

void print_row(const char *what, const char *target, enum verdict verdict, const char *format, ...)
{
    static const char *const words[] = {"", "ok", "MISSED"};
    char value[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    printf("%-48s  %-36s %-16s %s\n", what, value, target, words[verdict]);
    fflush(stdout);
}

void print_target(const char *what, double value, double target, const char *unit)
{
    char text[64];
    snprintf(text, sizeof text, ">= %.3g", target);
    enum verdict verdict = target <= 0       ? VERDICT_NONE
                           : value >= target ? VERDICT_OK
                                             : VERDICT_MISSED;
    print_row(what, target > 0 ? text : "", verdict, "%.3g%s%s", value, *unit ? " " : "", unit);
}

static basin_status smoke_files(void)
{
    char folder[] = "/tmp/basin-bench-XXXXXX", name[64];
    if (!mkdtemp(folder)) return error_raise(BASIN_IO, "cannot make a folder in /tmp");
    basin_status status = bench_files(folder, 3, 1000, 2);
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s/%d", folder, i);
        unlink(name);
    }
    rmdir(folder);
    return status;
}

static basin_status run_smoke(void)
{
    TRY(bench_train(&smoke, 0.01));
    TRY(bench_cores(&smoke, 0.01));
    TRY(bench_products(&smoke, 0.01));
    TRY(bench_slice(&smoke, 0.01));
    TRY(bench_tiny());
    return smoke_files();
}

static basin_status run_train(void)
{
    print_row("training, momentum SGD", "", VERDICT_NONE, "(%s, peak loop: %s)", kernels_isa(),
              peak_describe());
    for (const struct setting *setting = settings; setting->key; setting++)
        TRY(bench_train(setting, 0.5));
    return BASIN_OK;
}

static basin_status run_products(void)
{
    for (const struct setting *setting = settings; setting->key; setting++)
        TRY(bench_products(setting, 0.4));
    return BASIN_OK;
}

static basin_status run(int count, char **words)
{
    const char *part = count > 1 ? words[1] : "";
    if (count == 2 && strcmp(part, "train") == 0) return run_train();
    if (count == 2 && strcmp(part, "cores") == 0) return bench_cores(&settings[0], 0.5);
    if (count == 2 && strcmp(part, "hvp") == 0) return run_products();
    const struct setting *setting = count > 2 ? setting_find(words[2]) : NULL;
    if (count == 3 && setting && strcmp(part, "train") == 0) return bench_train(setting, 0.5);
    if (count == 3 && setting && strcmp(part, "hvp") == 0) return bench_products(setting, 0.4);
    if (count == 2 && strcmp(part, "tiny") == 0) return bench_tiny();
    if (count == 2 && strcmp(part, "smoke") == 0) return run_smoke();
    if (count == 4 && setting && strcmp(part, "slice") == 0)
        return bench_slice(setting, strtod(words[3], NULL));
    if (count == 6 && strcmp(part, "files") == 0)
        return bench_files(words[2], (int)strtol(words[3], NULL, 10),
                           (int)strtol(words[4], NULL, 10), (int)strtol(words[5], NULL, 10));
    return error_raise(BASIN_USAGE, "usage: bench train [NET]|cores|hvp [NET]|tiny|smoke|slice NET "
                                    "SECONDS|files FOLDER COUNT BYTES THREADS");
}

int main(int count, char **words)
{
    omp_set_num_threads(1);
    kernels_warm();
    if (run(count, words) == BASIN_OK) return 0;
    const basin_error *error = basin_error_last();
    fprintf(stderr, "bench: %s%s%s\n", error->message, error->hint[0] ? "; " : "", error->hint);
    return basin_status_exit(error->status);
}
